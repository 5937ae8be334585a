# Names are bytes: blanks, newlines, tabs, quotes, backslashes, braces, leading dashes, and what is
# no UTF-8. The command in the log does the same again.
mkdir in
names=("two words" $'new\nline' $'tab\there' "it's" '"quoted"' 'back\slash' '{stem}' '%s%n' -dash
  $'byte\xff' $'\xc3\xbc' '*' ' ' $'\e[31m')
for name in "${names[@]}"; do
  cp data/grey.png "in/$name.png"
done
cd in
dpk invert --out-dir=../out --joblog=../log -- *.png || echo "exit $?"
printf '%s\0' *.png | dpk invert --from=- --out-dir=../zeros || echo "exit $?"
try 'dpk invert -dash.png --out-dir=../x'
dpk invert --out='../{stem}-{kernel}.{ext}' -- *.png || echo "exit $?"
ls -- *.png | wc -l
for name in "${names[@]}"; do
  cmp "../out/$name.png" "../zeros/$name.png"
  cmp "../out/$name.png" "../$name-invert.png"
done
cut -f 9 ../log | tail -n +2 | LC_ALL=C sort
# Every line has its columns, and its command can be executed.
awk -F '\t' 'NF != 13 { print NR ": " NF " columns" }' ../log
mv ../out ../before
mkdir ../out
cut -f 9 ../log | tail -n +2 >../commands
while IFS= read -r command; do
  eval "$command" || echo "exit $?: $command"
done <../commands
diff -r ../before ../out
dpk invert --out-dir=../out --joblog=../log --resume -- *.png
# Lists of lines take all names but those with newlines.
rm $'new\nline.png'
ls -- *.png >../list
sed 's/^-/.\/-/' ../list | dpk invert --from=- --out-dir=../lines && ls ../lines | wc -l
dpk invert --from=../list --out-dir=../lines && ls ../lines | wc -l
# Names that would be a digest's or standard output's are files' here, in place, too.
cp ../data/grey.png hash:.png
try 'dpk invert hash:.png --out="{stem}" --out-format=pgm && ls hash:'
try 'dpk blur hash: --in-place --out-format=pgm && ls hash:'
