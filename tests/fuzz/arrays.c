/* SPDX-License-Identifier: MIT */
/* arrays.c: a fuzz target for reading NPY and PNM, which of them the input's head decides. Elements
 * that are used where they are in the file, those decoded at once, and those decoded a few rows at
 * a time must be the same. */
#include "base/array.h"
#include "harness.h"

#include <string.h>

extern const dpk_format dpk_format_npy, dpk_format_pnm;

static const dpk_format *recognise(const dpk_source *source)
{
    const dpk_format *const formats[] = { &dpk_format_npy, &dpk_format_pnm };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->recognise(source->data, source->size))
            return formats[i];
    return NULL;
}

/* In bands, of which a window is in memory, where the format can do with that. */
static void read_both(fuzz_session *whole, fuzz_session *banded, size_t band)
{
    const dpk_format *format = whole->reader.format;
    size_t rows = dpk_array_rows(&whole->reader.array);
    whole->status = format->rows(&whole->reader, 0, rows, &whole->error);
    if (banded->reader.whole)
        band = rows;
    else if (band < rows)
        banded->reader.array.ring = band + 1;
    for (size_t y = 0, next; y < rows && banded->status == DPK_OK; y = next) {
        next = y + band < rows ? y + band : rows;
        banded->status = format->rows(&banded->reader, y, next, &banded->error);
        if (whole->status == DPK_OK && banded->status == DPK_OK)
            fuzz_compare_rows(whole, banded, y, next);
    }
    fuzz_compare_words(whole, banded);
}

static void check_mapped(const fuzz_session *whole)
{
    fuzz_session mapped = *whole;
    mapped.reader.array.data = (void *)(uintptr_t)whole->reader.mapped;
    if (whole->reader.mapped != NULL && whole->status == DPK_OK)
        fuzz_compare_rows(whole, &mapped, 0, dpk_array_rows(&whole->reader.array));
}

/* Of rows without elements there may be any number; they are not read. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    fuzz_session whole, banded;
    dpk_source source = fuzz_begin(data, size);
    const dpk_format *format = recognise(&source);
    if (format == NULL)
        return 0;
    fuzz_open(&whole, format, &source, DPK_ISA_BASE);
    fuzz_open(&banded, format, &source, DPK_ISA_BASE);
    fuzz_compare_words(&whole, &banded);
    if (whole.status == DPK_OK && dpk_count(&whole.reader.array) > 0) {
        read_both(&whole, &banded, 1 + fuzz_choice(&source) % 7);
        check_mapped(&whole);
    }
    fuzz_close(&whole);
    fuzz_close(&banded);
    fuzz_end();
    return 0;
}
