/* SPDX-License-Identifier: MIT */
/* write.c: writes a page with known figures to standard output: `write compare`, or `write tour`.
 */
#include "../unit/comparison_fixture.h"
#include "engine/registry.h"
#include "report/report.h"
#include "report/report_tour.h"

#include <string.h>

/* Every scenario has the figures of the example, but for one that is skipped. */
static void write_tour(const dpk_comparison *comparison)
{
    static dpk_tour tour = { .jobs = 2,
                             .machine = "Measured on a machine that does not exist.",
                             .load = "Other programs used 70 % of the processors." };
    for (const dpk_kernel_row *row = dpk_builtin_kernels; row->variants[DPK_ISA_BASE] != NULL;
         row++) {
        const dpk_kernel *kernel = row->variants[DPK_ISA_BASE];
        if (kernel->lesson == NULL)
            continue;
        dpk_stop *stop = &tour.stops[tour.count++];
        *stop = (dpk_stop){ .kernel = kernel,
                            .outcome = DPK_CONFIRMED,
                            .sides = { comparison->variants[0], comparison->variants[1] } };
        snprintf(stop->name, sizeof stop->name, "%s", kernel->name);
        snprintf(stop->command, sizeof stop->command, "dpk compare %s", kernel->name);
        snprintf(stop->text, sizeof stop->text, "%s", kernel->lesson->mechanism);
    }
    tour.stops[0].outcome = DPK_NOT_SEEN;
    tour.stops[2].outcome = DPK_NOISY;
    snprintf(tour.stops[1].skipped, sizeof tour.stops[1].skipped, "it cannot run here");
    dpk_report_tour_html(stdout, &tour);
}

int main(int count, char **words)
{
    dpk_comparison *comparison = example_comparison();
    dpk_summarise(comparison);
    if (count > 1 && strcmp(words[1], "tour") == 0)
        write_tour(comparison);
    else
        dpk_report_html(stdout, comparison);
    free_comparison(comparison);
    return fflush(stdout) != 0 || ferror(stdout);
}
