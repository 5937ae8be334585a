/* SPDX-License-Identifier: MIT */
/* flow_cell: who has a band, through all that can become of it. */
#include "engine/flow_cell.h"

#include "machine/machine.h"
#include "workers/backend.h"

#include <criterion/criterion.h>

enum { RETRIES = 2 };

static void expect(const dpk_cell *cell, dpk_cell_view wanted)
{
    dpk_cell_view view = dpk_cell_read(cell);
    cr_expect(view.number == wanted.number, "number %zu", view.number);
    cr_expect(view.worker == wanted.worker, "worker %u", view.worker);
    cr_expect(view.deaths == wanted.deaths, "deaths %u", view.deaths);
    cr_expect(view.state == wanted.state, "state %u", (unsigned)view.state);
}

Test(flow_cell, all_fits)
{
    dpk_cell cell = 0;
    const size_t number = DPK_CELL_NUMBERS - 1;
    const unsigned worker = DPK_CELL_WORKERS - 1;
    dpk_cell_view view;
    cr_expect(DPK_JOBS_MAX <= DPK_CELL_WORKERS && (unsigned)DPK_RETRIES_MAX < DPK_CELL_DEATHS);
    dpk_cell_open(&cell, number);
    expect(&cell, (dpk_cell_view){ .number = number });
    for (unsigned deaths = 1; deaths <= DPK_CELL_DEATHS + 5; deaths++) {
        unsigned counted = deaths < DPK_CELL_DEATHS ? deaths : DPK_CELL_DEATHS;
        cr_assert(dpk_cell_take(&cell, number, worker));
        cr_assert(dpk_cell_lose(&cell, worker, UINT32_MAX, &view));
        expect(&cell, (dpk_cell_view){ number, worker, counted, DPK_CELL_FREE });
    }
}

Test(flow_cell, one_takes_it)
{
    dpk_cell cell = 0;
    dpk_cell_view view;
    dpk_cell_open(&cell, 7);
    cr_expect(!dpk_cell_take(&cell, 6, 0));
    cr_expect(dpk_cell_take(&cell, 7, 3));
    cr_expect(!dpk_cell_take(&cell, 7, 3));
    cr_expect(!dpk_cell_lose(&cell, 2, RETRIES, &view));
    dpk_cell_done(&cell, 2);
    expect(&cell, (dpk_cell_view){ 7, 3, 0, DPK_CELL_TAKEN });
    dpk_cell_done(&cell, 3);
    expect(&cell, (dpk_cell_view){ 7, 3, 0, DPK_CELL_DONE });
    cr_expect(!dpk_cell_take(&cell, 7, 1));
    cr_expect(!dpk_cell_lose(&cell, 3, RETRIES, &view), "what is done is not lost");
    dpk_cell_open(&cell, 17);
    cr_expect(!dpk_cell_take(&cell, 7, 1));
    cr_expect(dpk_cell_take(&cell, 17, 1));
}

Test(flow_cell, too_many_deaths)
{
    dpk_cell cell = 0;
    dpk_cell_view view;
    dpk_cell_open(&cell, 1);
    for (unsigned death = 1; death <= RETRIES + 1; death++) {
        cr_expect(dpk_cell_take(&cell, 1, death));
        cr_expect(dpk_cell_lose(&cell, death, RETRIES, &view));
        cr_expect(view.deaths == death && view.number == 1);
        cr_expect(view.state == (death <= RETRIES ? DPK_CELL_FREE : DPK_CELL_DEADLY));
    }
    cr_expect(!dpk_cell_take(&cell, 1, 0));
    dpk_cell_settle(&cell, 1);
    expect(&cell, (dpk_cell_view){ .number = 1, .state = DPK_CELL_DONE });
    dpk_cell_spoil(&cell, 0, &view);
    cr_expect(view.state == DPK_CELL_DEADLY && view.deaths == 1);
}
