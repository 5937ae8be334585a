/* SPDX-License-Identifier: MIT */
/* environment.c: machines made of files, with everything to read, with nothing, and with nonsense;
 * what lies between two snapshots, and what is said about it. */
#include "observe/environment.h"

#include "files.h"

#include <math.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

TestSuite(environment, .init = enter_directory, .fini = remove_directory);

/* Four processors on two cores, of which the process may use all but number 3. */
static void put_machine(void)
{
    put_text("proc/cpuinfo", "processor\t: 0\nmodel name\t: Abacus 9\n\nmodel name\t: Other\n");
    put_text("proc/stat",
             "cpu  9 9 9 9 9 9 9 9 0 0\n"
             "cpu0 100 20 30 1000 5 6 7 8 50 0\n"
             "cpu1 200 0 0 1000 0 0 0 0 0 0\n"
             "cpu2 300 0 0 1000 0 0 0 2 0 0\n"
             "cpu3 400 0 0 1000 0 0 0 40 0 0\n"
             "intr 1 2 3\n");
    put_text("proc/self/status", "Name:\tdpk\nCpus_allowed:\t7\nCpus_allowed_list:\t0-1,2\n");
    put_text("proc/self/cgroup", "0::/job/step\n");
    put_text("proc/loadavg", "1.50 0.70 0.60 2/345 6789\n");
    put_text("proc/pressure/cpu",
             "some avg10=0.00 avg60=0.10 avg300=0.00 total=2500000\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n");
    put_text("proc/sys/kernel/osrelease", "6.1.0-test\n");
    put_text("proc/sys/kernel/randomize_va_space", "2\n");
    put_text("sys/fs/cgroup/job/step/cpu.pressure",
             "some avg10=0.00 avg60=0 avg300=0 total=500000\n");
    put_text("sys/fs/cgroup/job/cpu.pressure", "some avg10=0.00 avg60=0 avg300=0 total=7000000\n");
    put_text("sys/fs/cgroup/job/step/cpu.stat",
             "usage_usec 7\nnr_throttled 3\nthrottled_usec 1500000\n");
    put_text("sys/fs/cgroup/job/cpu.stat", "usage_usec 7\nnr_throttled 4\nthrottled_usec 500000\n");
    put_text("sys/fs/cgroup/cpu.stat", "usage_usec 7\n");
    for (int cpu = 0; cpu < 4; cpu++) {
        char path[128];
        snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
                 cpu);
        put_text(path, cpu % 2 == 0 ? "0,2\n" : "1,3\n");
        snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu);
        put_text(path, cpu == 1 ? "schedutil\n" : "performance\n");
    }
    put_text("sys/devices/system/cpu/smt/active", "1\n");
    put_text("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
    put_text("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    put_text("sys/kernel/mm/transparent_hugepage/shmem_enabled",
             "always within_size advise [never] deny force\n");
}

Test(environment, a_machine_is_read)
{
    dpk_environment environment;
    const double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    put_machine();
    dpk_environment_read(&environment, ".", "Compiler 1");
    cr_expect_str_eq(environment.processor, "Abacus 9");
    cr_expect_str_eq(environment.kernel, "6.1.0-test");
    cr_expect_str_eq(environment.compiler, "Compiler 1");
    cr_expect_str_eq(environment.governor, "schedutil");
    cr_expect_str_eq(environment.huge_private, "madvise");
    cr_expect_str_eq(environment.huge_shared, "never");
    cr_expect_eq(environment.turbo, DPK_YES);
    cr_expect_eq(environment.smt, DPK_YES);
    cr_expect_eq(environment.aslr, 2);
    cr_expect_eq(environment.processors, 3);
    cr_expect_eq(environment.cores, 2);
    cr_expect_float_eq(environment.busy, 663 * tick, 1e-9);
    cr_expect_float_eq(environment.stolen, 10 * tick, 1e-9);
    cr_expect_float_eq(environment.total, 3678 * tick, 1e-9);
    cr_expect_eq(environment.load, 1.5);
    cr_expect_float_eq(environment.pressure, 2.5, 1e-9);
    cr_expect_float_eq(environment.cgroup_pressure, 0.5, 1e-9);
    cr_expect_float_eq(environment.throttling.seconds, 2, 1e-9);
    cr_expect_eq(environment.throttling.times, 7);
    cr_expect_gt(environment.clock, 0);
    cr_expect_geq(environment.own, 0);
}

Test(environment, other_spellings_are_read)
{
    dpk_environment environment;
    put_text("proc/self/cgroup", "3:cpu,cpuacct:/job\n0::/\n");
    put_text("sys/fs/cgroup/cpu,cpuacct/job/cpu.stat",
             "nr_periods 9\nnr_throttled 2\nthrottled_time 3000000000\n");
    put_text("sys/devices/system/cpu/cpufreq/boost", "0\n");
    dpk_environment_read(&environment, ".", "");
    cr_expect_float_eq(environment.throttling.seconds, 3, 1e-9);
    cr_expect_eq(environment.throttling.times, 2);
    cr_expect_eq(environment.turbo, DPK_NO);
}

static void expect_nothing_known(const dpk_environment *environment)
{
    cr_expect_str_empty(environment->processor);
    cr_expect_str_empty(environment->governor);
    cr_expect_str_empty(environment->huge_private);
    cr_expect_str_empty(environment->huge_shared);
    cr_expect_eq(environment->turbo, DPK_UNKNOWN);
    cr_expect_eq(environment->smt, DPK_UNKNOWN);
    cr_expect(isnan(environment->aslr));
    cr_expect(isnan(environment->processors));
    cr_expect(isnan(environment->cores));
    cr_expect(isnan(environment->busy));
    cr_expect(isnan(environment->load));
    cr_expect(isnan(environment->pressure));
    cr_expect(isnan(environment->cgroup_pressure));
    cr_expect(isnan(environment->throttling.seconds));
}

/* Neither what is missing nor what makes no sense is guessed at. */
Test(environment, what_cannot_be_read_is_unknown)
{
    static const char *const files[] = {
        "proc/cpuinfo",
        "proc/stat",
        "proc/loadavg",
        "proc/pressure/cpu",
        "proc/sys/kernel/randomize_va_space",
        "sys/fs/cgroup/cpu.pressure",
        "sys/fs/cgroup/cpu.stat",
        "sys/devices/system/cpu/smt/active",
        "sys/devices/system/cpu/cpufreq/boost",
        "sys/devices/system/cpu/intel_pstate/no_turbo",
        "sys/kernel/mm/transparent_hugepage/enabled",
        "sys/kernel/mm/transparent_hugepage/shmem_enabled",
    };
    static const char *const contents[] = {
        "",
        "\n",
        "model name",
        "some total=\n",
        "some \n",
        "cpu0 1 2\n",
        "[",
        "notsupported\n",
        "[a word that is longer than any there is]\n",
        "nr_throttled\nthrottled_usec x\n",
    };
    dpk_environment environment;
    dpk_environment_read(&environment, "./nowhere", "");
    expect_nothing_known(&environment);
    put_text("proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        for (size_t file = 0; file < sizeof files / sizeof *files; file++)
            put_text(files[file], contents[i]);
        dpk_environment_read(&environment, ".", "");
        expect_nothing_known(&environment);
    }
}

static double own_seconds(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    const struct timeval times[] = { self.ru_utime, self.ru_stime, children.ru_utime,
                                     children.ru_stime };
    double sum = 0;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        sum += (double)times[i].tv_sec + 1e-6 * (double)times[i].tv_usec;
    return sum;
}

/* The real one, against what the system says in other ways. It counts in ticks, and shares of them
 * are known from a second of all processors on. */
Test(environment, this_machine_is_read)
{
    dpk_environment before, after;
    struct utsname system;
    cpu_set_t allowed;
    double outer = own_seconds();
    dpk_environment_read(&before, "", "");
    double inner = own_seconds();
    if (isnan(before.total))
        cr_skip_test("there is no /proc/stat to read");
    cr_assert_eq(uname(&system), 0);
    cr_expect_str_eq(before.kernel, system.release);
    cr_assert_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    cr_expect_eq(before.processors, CPU_COUNT(&allowed));
    cr_expect(before.cores >= 1 && before.cores <= before.processors, "%g", before.cores);
    cr_expect_gt(before.total, before.busy);
    do /* which keeps this process busy, too */
        dpk_environment_read(&after, "", "");
    while (after.total - before.total < 1);
    inner = own_seconds() - inner;
    dpk_environment_read(&after, "", "");
    outer = own_seconds() - outer;
    double own = after.own - before.own;
    cr_expect(own >= inner - 1e-5 && own <= outer + 1e-5, "%g <= %g <= %g", inner, own, outer);
    dpk_load load = dpk_environment_difference(&before, &after);
    cr_expect_gt(load.seconds, 0);
    cr_expect_float_eq(load.own, own / (after.total - before.total), 1e-9);
    cr_expect(load.others >= 0 && load.others <= 1, "%g", load.others);
    cr_expect(load.own > 0 && load.own + load.others < 1.1, "%g + %g", load.own, load.others);
    cr_expect(isnan(load.throttled) || load.throttled >= 0);
}

Test(environment, shares_need_time)
{
    dpk_environment before, after;
    dpk_environment_read(&before, "", "");
    after = before;
    cr_expect(isnan(dpk_environment_difference(&before, &after).others));
}

static const dpk_environment at_first = {
    .cpus = { .online = 4, .affinity = 4, .jobs = 4 },
    .processors = 4,
    .cores = 4,
    .clock = 100,
    .pressure = 1,
    .cgroup_pressure = NAN,
    .throttling = { .times = 50, .seconds = 5 },
    .busy = 1000,
    .stolen = 10,
    .total = 5000,
    .own = 3,
};

Test(environment, difference_of_two_snapshots)
{
    dpk_environment after = at_first;
    after.clock += 10;
    after.pressure += 2;
    after.busy += 24;
    after.stolen += 2;
    after.total += 40;
    after.own += 20;
    after.load = 3.5;
    dpk_load load = dpk_environment_difference(&at_first, &after);
    cr_expect_float_eq(load.seconds, 10, 1e-9);
    cr_expect_float_eq(load.own, 0.5, 1e-9);
    cr_expect_float_eq(load.others, 0.1, 1e-9);
    cr_expect_float_eq(load.stolen, 0.05, 1e-9);
    cr_expect_float_eq(load.pressure, 0.2, 1e-9);
    cr_expect(isnan(load.cgroup_pressure));
    cr_expect_eq(load.throttled, 0);
    cr_expect_eq(load.load, 3.5);

    after.neighbours = 8; /* of own */
    load = dpk_environment_difference(&at_first, &after);
    cr_expect_float_eq(load.own, 0.3, 1e-9);
    cr_expect_float_eq(load.neighbours, 0.2, 1e-9);
    cr_expect_float_eq(load.others, 0.1, 1e-9);

    after.own += 100; /* ticks lag behind */
    load = dpk_environment_difference(&at_first, &after);
    cr_expect_eq(load.others, 0);
    after.processors = 3;
    load = dpk_environment_difference(&at_first, &after);
    cr_expect(isnan(load.others));
}

static void expect_warning_beside(unsigned neighbours, const dpk_environment *environment,
                                  const dpk_load *load, unsigned jobs, const char *part)
{
    dpk_warnings warnings;
    dpk_environment_warnings(environment, load, jobs, neighbours, &warnings);
    cr_expect_eq(warnings.count, part != NULL, "%zu warnings", warnings.count);
    if (part != NULL)
        cr_expect(strstr(warnings.text[0], part) == warnings.text[0], "%s", warnings.text[0]);
}

static void expect_warning(const dpk_environment *environment, const dpk_load *load, unsigned jobs,
                           const char *part)
{
    expect_warning_beside(0, environment, load, jobs, part);
}

Test(environment, warnings_tell_figures)
{
    const dpk_load unknown = { .seconds = 10,
                               .own = NAN,
                               .others = NAN,
                               .stolen = NAN,
                               .pressure = NAN,
                               .cgroup_pressure = NAN,
                               .throttled = NAN,
                               .throttles = NAN,
                               .load = NAN };
    dpk_environment machine = at_first;
    dpk_load load = unknown;
    expect_warning(&machine, &load, 4, NULL);
    expect_warning(&machine, &load, 8, "8 workers share 4 processors: ");
    expect_warning_beside(1, &machine, &load, 3, NULL);
    expect_warning_beside(1, &machine, &load, 4,
                          "4 workers and 1 busy neighbour share 4 processors");
    load.others = 0.02;
    load.stolen = 0.001;
    expect_warning(&machine, &load, 4, NULL);
    load.others = 0.38;
    load.pressure = 0.9;
    expect_warning(&machine, &load, 4, "other programs used 38 % of the processors while");
    load.others = 0.02;
    expect_warning(&machine, &load, 4, "90 % of the time some program waited");
    load = unknown;
    load.load = 7;
    expect_warning(&machine, &load, 4, "the load average is 7 on 4 processors");
    load = unknown;
    load.stolen = 0.123;
    expect_warning(&machine, &load, 4, "the hypervisor gave 12.3 % of");
    load = unknown;
    load.throttles = 12;
    load.throttled = 0.05;
    expect_warning(&machine, &load, 4, NULL);
    load.throttled = 3.5;
    expect_warning(&machine, &load, 4, "the cgroup's CPU quota was used up 12 times and kept");

    strcpy(machine.governor, "performance");
    expect_warning(&machine, &unknown, 4, NULL);
    strcpy(machine.governor, "powersave");
    expect_warning(&machine, &unknown, 4, "the frequency governor is 'powersave'");
    machine = at_first;
    machine.smt = DPK_YES;
    machine.cores = 2;
    expect_warning(&machine, &unknown, 2, NULL);
    expect_warning(&machine, &unknown, 4, "4 workers run on 2 cores with SMT");
    machine.cpus.quota = 1.5;
    expect_warning(&machine, &unknown, 2, "2 workers share 1.5 processors (the cgroup's quota)");
}

Test(environment, json_has_null_for_unknown)
{
    char *text = NULL;
    size_t size = 0;
    dpk_json json = { .stream = open_memstream(&text, &size) };
    dpk_load load = { .others = 0.25, .stolen = NAN };
    dpk_environment machine = at_first;
    machine.smt = DPK_NO;
    dpk_environment_json(&json, NULL, &machine, &load);
    fclose(json.stream);
    cr_expect_not_null(strstr(text, "\"others_share\": 0.25,"));
    cr_expect_not_null(strstr(text, "\"stolen_share\": null,"));
    cr_expect_not_null(strstr(text, "\"governor\": null,"));
    cr_expect_not_null(strstr(text, "\"turbo\": null,"));
    cr_expect_not_null(strstr(text, "\"smt\": false,"));
    free(text);
}

Test(environment, conditions_are_told)
{
    const struct {
        dpk_conditions conditions;
        const char *text;
    } told[] = {
        { { 0, 0 }, "" },
        { { 1, 0 }, "beside 1 busy neighbour" },
        { { 0, 0.5 }, "with a quota of 0.5 processors" },
        { { 3, 1 }, "beside 3 busy neighbours, with a quota of 1 processor" },
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        char text[128];
        cr_expect_str_eq(dpk_conditions_text(&told[i].conditions, text, sizeof text), told[i].text);
    }
}

Test(environment, what_others_used_in_a_sentence)
{
    dpk_load load = { .others = 0.7, .stolen = NAN };
    char text[240];
    dpk_load_text(&load, text, sizeof text);
    cr_expect(strncmp(text, "Other programs used 70 % of the processors: times are longer", 60) ==
                  0,
              "%s", text);
    load.others = 0.02;
    cr_expect_str_eq(dpk_load_text(&load, text, sizeof text),
                     "Other programs used 2 % of the processors.");
    load.stolen = 0.3;
    cr_expect_not_null(strstr(dpk_load_text(&load, text, sizeof text),
                              ", and the hypervisor took 30.0 % of their time: times are longer"));
    load.others = NAN;
    cr_expect_str_eq(dpk_load_text(&load, text, sizeof text), "");
}
