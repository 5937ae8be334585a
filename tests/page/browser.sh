#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# browser.sh: the pages of `dpk compare --html` and `dpk tour --html` in headless Chromium. PAGE is a
# program that writes them, when called with the command's name. At the width of a phone and of a desk nothing is wider than the window, so that a page never
# scrolls sideways; nothing is fetched, nothing is complained of; and both colour schemes differ.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -euo pipefail
: "${PAGE:?must be the program that writes a page}"

for chromium in chromium chromium-browser google-chrome ''; do
  command -v "$chromium" >/dev/null && break
done
if [[ -z $chromium ]]; then
  echo "skipped: Chromium is not installed (Debian's package is chromium)"
  exit 77
fi

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
failed=no

complain() {
  printf '%s\n' "$*"
  failed=yes
}

# browse WIDTH FLAG…: dumps what Chromium makes of the page that measures itself, in a frame as wide:
# its window has a least width, which is wider than a phone.
browse() {
  printf '<iframe src="measured.html" style="width: %spx; height: 800px; border: 0"
    onload="document.body.dataset.seen = contentDocument.body.dataset.seen"></iframe>\n' "$1" \
    >"$work/frame.html"
  timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars \
    --allow-file-access-from-files --user-data-dir="$work/profile" --enable-logging=stderr \
    --window-size=1400,900 --dump-dom "${@:2}" "file://$work/frame.html" \
    >"$work/dump" 2>"$work/log" || complain "Chromium failed: $(tail -n 3 "$work/log")"
}

# What is too wide is named, unless it is inside of a box that scrolls by itself.
measure='
  const seen = { width: innerWidth, scroll: document.documentElement.scrollWidth, wide: [],
    fetched: document.querySelectorAll("[src], link, script:not(:last-of-type)").length,
    ground: getComputedStyle(document.body).backgroundColor };
  for (const one of document.querySelectorAll("body *:not(script)")) {
    const box = one.getBoundingClientRect();
    if ((box.right > innerWidth + 1 || box.left < -1) && !one.closest(".scroll, .cut"))
      seen.wide.push(one.tagName + " " + one.textContent.slice(0, 30));
  }
  document.body.dataset.seen = Object.entries(seen).map(([key, value]) =>
    key + "=" + value).join(";");'
# seen KEY: what the page has measured.
seen() {
  grep --only-matching 'data-seen="[^"]*"' "$work/dump" | tr '";' '\n\n' | sed -n "s/^$1=//p"
}

# check COMMAND: its page.
check() {
  local light width
  "$PAGE" "$1" >"$work/page.html"
  if command -v python3 >/dev/null; then
    python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' \
      "$work/page.html" || complain "the page is not well-formed"
  fi
  {
    sed 's|</body>.*||; s|</html>||' "$work/page.html"
    printf '<script>%s</script></body></html>\n' "$measure"
  } >"$work/measured.html"
  for width in 375 1280; do
    browse "$width"
    [[ $(seen width) == "$width" ]] || complain "$1: the window is $(seen width) wide, not $width"
    [[ $(seen scroll) == "$width" ]] || complain "$1: at $width, the page is $(seen scroll) wide"
    [[ -z $(seen wide) ]] || complain "$1: at $width, too wide: $(seen wide)"
    [[ $(seen fetched) == 0 ]] || complain "$1: at $width, the page fetches $(seen fetched) things"
    grep CONSOLE "$work/log" && complain "$1: at $width, the console complains"
  done
  light=$(seen ground)
  browse 1280 --blink-settings=preferredColorScheme=0
  [[ -n $light && $(seen ground) != "$light" ]] || complain "$1: light and dark are both '$light'"
}

check compare
check tour
[[ $failed == no ]]
