#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# outputs.sh: a plug-in whose kernel has two outputs writes two files, the same on every backend, in
# bands and as a whole, and both or none. CC is the compiler, DPK the program.
source "$(dirname "$0")/tools.sh"

cat >halves.c <<'END'
/* Splits samples into their upper and lower four bits. */
#include <dpk/dpk.h>

struct halves {
    dpk_array in, high, low;
};

static size_t rows(const void *self)
{
    return ((const struct halves *)self)->in.shape[0];
}

static void split(const void *self, dpk_span span, void *scratch)
{
    const struct halves *halves = self;
    (void)scratch;
    for (size_t y = span.begin; y < span.end; y++) {
        const uint8_t *in = dpk_row(&halves->in, y);
        uint8_t *high = dpk_row(&halves->high, y), *low = dpk_row(&halves->low, y);
        for (size_t i = 0; i < dpk_row_count(&halves->in); i++) {
            high[i] = in[i] & 0xf0;
            low[i] = in[i] & 0x0f;
        }
    }
}

static bool reference(const void *self, dpk_arena *arena)
{
    (void)arena;
    split(self, (dpk_span){ .end = rows(self) }, NULL);
    return true;
}

static const dpk_pass passes[] = {
    { .name = "rows", .extent = rows, .reads = dpk_reads_same, .work = split }, DPK_END
};
static const dpk_port ports[] = {
    DPK_IN(struct halves, in, .image = true, .types = DPK_U8),
    DPK_OUT(struct halves, high, .image = true), DPK_OUT(struct halves, low, .image = true), DPK_END
};

DPK_KERNEL(halves, .summary = "upper and lower bits", .group = "image",
           .size = sizeof(struct halves), .ports = ports, .passes = passes,
           .reference = reference);
END
"$CC" -std=c17 -O2 -shared -fPIC -DDPK_PLUGIN -I "$tree/include" halves.c -o halves.so
run() {
  "$DPK" --plugin=halves.so halves "$@"
}

"$DPK" verify halves --quick --plugin=halves.so >said || { cat said >&2; exit 1; }
run coast.png first.ppm second.ppm --backend=seq --stream=off
"$DPK" invert coast.png negative.ppm
"$DPK" invert negative.ppm whole.ppm
# Of each byte of the picture, upper and lower digits are in the outputs, zeros in place of the others.
digits() { # FILE
  tail --bytes=3000 "$1" | od -An -v -tx1 -w1
}
paste <(digits whole.ppm) <(digits first.ppm) <(digits second.ppm) |
  awk '$2 != substr($1, 1, 1) "0" || $3 != "0" substr($1, 2) { exit 1 }'
for backend in seq omp fork; do
  for stream in off auto on; do
    run coast.png a.ppm b.ppm --backend=$backend --stream=$stream -j3
    cmp a.ppm first.ppm && cmp b.ppm second.ppm
    run coast.png a.png b.png --backend=$backend --stream=$stream -j3
    "$DPK" invert a.png a.ppm && "$DPK" invert a.ppm a.ppm && cmp a.ppm first.ppm
    "$DPK" invert b.png b.ppm && "$DPK" invert b.ppm b.ppm && cmp b.ppm second.ppm
  done
done

rm -f a.* b.*
words='2 outputs, not 2 files'
refused run coast.png a.png
words="both go to './a.png'"
refused run coast.png a.png ./a.png
code=0
run coast.png a.png /nonexistent/b.png 2>said || code=$?
[[ $code == 4 && ! -e a.png ]]
code=0
(ulimit -f 8 && run coast.png a.npy b.npy) 2>said || code=$?
[[ $code == 4 && ! -e a.npy && ! -e b.npy ]] || { cat said; ls >&2; exit 1; }
