/* SPDX-License-Identifier: MIT */
/* write.c: writes the page of a comparison with known figures to standard output. */
#include "../unit/comparison_fixture.h"
#include "report.h"

int main(void)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    dpk_report_html(stdout, comparison);
    free_comparison(comparison);
    return fflush(stdout) != 0 || ferror(stdout);
}
