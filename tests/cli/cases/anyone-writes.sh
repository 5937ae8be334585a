# Where every row has its place in the file, whoever has computed rows writes them: the same bytes
# as in a pipe, which takes them in order. 16 bits, which PNM turns round, and a picture in alpha.
dpk invert data/coast.png coast.ppm
(printf 'P6\n384 512\n65535\n' && tail -c $((768 * 512 * 3)) coast.ppm) >coast16.ppm
(printf 'P7\nWIDTH 576\nHEIGHT 512\nDEPTH 4\nMAXVAL 255\nENDHDR\n' &&
  tail -c $((768 * 512 * 3)) coast.ppm) >coast.pam
check() { # KERNEL INPUT OUTPUT
  dpk "$1" "$2" - --out-format="${3#*.}" --backend=seq | cat >expected
  for backend in $(backends); do
    for jobs in 1 2 7; do
      for stream in auto off; do
        dpk "$1" "$2" "$3" --backend=$backend -j$jobs --stream=$stream
        cmp expected "$3" || echo "by $1 $2 $3 --backend=$backend -j$jobs --stream=$stream"
      done
    done
  done
}
check blur coast.ppm out.ppm
check blur coast16.ppm out16.ppm
check blur coast.pam out.pam
check equalize coast16.ppm out16.ppm
check equalize coast.pam out.npy
check sort data/samples.npy out.npy
