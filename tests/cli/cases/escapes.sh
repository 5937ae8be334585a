# Escape sequences and bytes that are not UTF-8 in names never reach the terminal as they are.
name=$'no\e[31mred\x9b\xff\xc2\x9b\xc3\xbc'
check() {
  "$@" >said 2>&1
  cat said >>everything
  grep -q 'no\\x1b\[31mred\\x9b\\xff\\xc2\\x9b' said ||
    { echo "not named: ${*@Q}"; cat -v said; }
}
check dpk invert "$name.png" null:
check dpk invert data/tiny.ppm "missing/$name.png"
check dpk invert data/tiny.ppm "$name"
check dpk invert data/tiny.ppm null: "--in-format=$name"
check dpk invert data/tiny.ppm null: "--backend=$name"
check dpk invert data/tiny.ppm null: "--jobs=$name"
check dpk invert data/tiny.ppm null: "--$name"
check dpk "$name"
check dpk compare "$name"
check dpk compare invert data/tiny.ppm "--backends=$name"
check dpk compare invert data/tiny.ppm "--baseline=$name"
check dpk sweep invert "--size=$name.."
check dpk list "$name"
check dpk help "$name"
check dpk verify "$name"
check dpk tour "$name"
check dpk list "--plugin=$name"
check env DPK_JOBS="$name" dpk invert data/tiny.ppm null:
printf 'P5 4 4 9' >"$name.pgm"
check dpk invert "$name.pgm" null:
cp data/tiny.ppm "$name.ppm"
check dpk compare invert "$name.ppm" --backends=seq,seq --rounds=1
# What people read has the name as it is printed, what programs read is valid.
dpk compare invert "$name.ppm" --backends=seq,seq --rounds=1 --json=report.json --html=page.html \
  --markdown=report.md --csv=report.csv >/dev/null
cat report.json page.html report.md report.csv >>everything
LC_ALL=C grep -c $'\e' everything
iconv -f UTF-8 -t UTF-8 everything >/dev/null || echo 'not UTF-8'
