# A tour so short that it proves little: every scenario has its paragraph, its bars and its place
# among the rules, and the page and the Markdown hold as many.
skip_if_sanitized # under which large blocks take long
/usr/bin/python3 -c "" 2>/dev/null || skip "python3 is not installed, which looks at the page"
scenarios=$(dpk list kernels | sed -n '/^Scenario/,/^$/ s/^  \([a-z0-9-]*\) .*/\1/p')
dpk tour --budget=3 --html=page.html --markdown=page.md >said 2>&1 || echo "exit $?"
for name in $scenarios; do
  grep -qE "^[0-9]+\. $name: " said || echo "not visited: $name"
  grep -q "^### $name\$" page.md || echo "not in page.md: $name"
  grep -q "<h3>$name</h3>" page.html || echo "not in page.html: $name"
done
! grep 'Skipped: --budget' said
[[ $scenarios ]] || echo 'no scenarios'
grep -c '^Rules that hold on this machine' said
/usr/bin/python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse("page.html")' 2>/dev/null ||
  echo 'page.html is not well-formed'
try 'dpk tour blur'
try 'dpk tour --budget=0'
