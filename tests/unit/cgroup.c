/* SPDX-License-Identifier: MIT */
/* cgroup.c: what made-up machines grant, by cgroups of both versions and however they are mounted.
 */
#include "machine/machine.h"

#include "files.h"

#include <math.h>

TestSuite(cgroup, .init = enter_directory, .fini = remove_directory);

#define V2 "sys/fs/cgroup"

static void note(const char *directory, bool unified, void *context)
{
    char *visited = context;
    snprintf(visited + strlen(visited), 1024 - strlen(visited), "%s%s ", directory,
             unified ? "" : " (1)");
}

static const char *visited(const char *controller)
{
    static char text[1024];
    text[0] = '\0';
    dpk_machine_cgroups(".", controller, note, text);
    return text;
}

Test(cgroup, each_cgroup_is_visited_once)
{
    put_text(V2 "/cgroup.controllers", "cpu memory\n");
    put_text("proc/self/cgroup", "0::/\n");
    cr_expect_str_eq(visited("cpu"), "./" V2 " ");
    put_text("proc/self/cgroup", "0::/job/step\n");
    cr_expect_str_eq(visited("cpu"), "./" V2 "/job/step ./" V2 "/job ./" V2 " ");
    put_text("proc/self/cgroup", "0::/job/\n");
    cr_expect_str_eq(visited("cpu"), "./" V2 "/job ./" V2 " ");
    put_text("proc/self/cgroup", "nonsense\n0:\n");
    cr_expect_str_eq(visited("cpu"), "");
}

/* /proc/self/cgroup of a process that another namespace's process has moved. */
Test(cgroup, nothing_outside_of_the_hierarchy_is_visited)
{
    put_text(V2 "/cgroup.controllers", "cpu memory\n");
    put_text("proc/self/cgroup", "0::/../../elsewhere\n");
    cr_expect_str_eq(visited("cpu"), "./" V2 " ");
}

Test(cgroup, throttling_at_the_root_counts_once)
{
    put_text("proc/self/cgroup", "0::/\n");
    put_text(V2 "/cpu.stat", "usage_usec 7\nnr_throttled 3\nthrottled_usec 1500000\n");
    dpk_throttling throttling = dpk_machine_throttling(".");
    cr_expect_eq(throttling.times, 3);
    cr_expect_float_eq(throttling.seconds, 1.5, 1e-9);
}

static void put_quota(const char *folder)
{
    char path[256];
    snprintf(path, sizeof path, V2 "/%s/job/cpu.cfs_quota_us", folder);
    put_text(path, "50000\n");
    snprintf(path, sizeof path, V2 "/%s/job/cpu.cfs_period_us", folder);
    put_text(path, "100000\n");
}

/* The names of controllers in /proc/self/cgroup and in the folder's name are in any order. */
Test(cgroup, controllers_of_version_1_are_found_however_they_are_named)
{
    static const char *const names[] = { "cpu,cpuacct", "cpuacct,cpu", "cpu", "net,cpu,cpuacct" };
    for (size_t folder = 0; folder < sizeof names / sizeof *names; folder++) {
        put_quota(names[folder]);
        for (size_t line = 0; line < sizeof names / sizeof *names; line++) {
            char text[256];
            snprintf(text, sizeof text, "5:cpuset:/\n4:%s:/job\n1:name=systemd:/job\n0::/\n",
                     names[line]);
            put_text("proc/self/cgroup", text);
            cr_expect_eq(dpk_machine_quota("."), 0.5, "%s in %s", names[line], names[folder]);
            cr_expect(strstr(visited("cpu"), "cgroup (1)") == NULL, "%s", visited("cpu"));
        }
        remove_directory();
        enter_directory();
    }
}

Test(cgroup, a_folder_that_has_the_cgroup_is_preferred)
{
    put_text(V2 "/cpu/unrelated", "");
    put_quota("cpu,cpuacct");
    put_text("proc/self/cgroup", "4:cpu,cpuacct:/job\n");
    cr_expect_eq(dpk_machine_quota("."), 0.5);
}

/* In a container: the path is that of the host, and the folder is that of the container. */
Test(cgroup, a_path_that_does_not_exist_has_ancestors)
{
    put_text(V2 "/cpu/cpu.cfs_quota_us", "200000\n");
    put_text(V2 "/cpu/cpu.cfs_period_us", "100000\n");
    put_text("proc/self/cgroup", "4:cpu:/host/pod\n");
    cr_expect_eq(dpk_machine_quota("."), 2);
    put_text("proc/self/cgroup", "4:cpu:/\n");
    cr_expect_str_eq(visited("cpu"), "./" V2 "/cpu (1) ");
}

/* A controller that no hierarchy of version 1 has may be in that of version 2 beside them. */
Test(cgroup, both_versions_side_by_side)
{
    put_text(V2 "/memory/limit", "");
    put_text(V2 "/unified/job/cpu.max", "150000 100000\n");
    put_text("proc/self/cgroup", "4:memory:/job\n0::/job\n");
    cr_expect_eq(dpk_machine_quota("."), 1.5);
    cr_expect_str_eq(visited("memory"), "./" V2 "/memory/job (1) ./" V2 "/memory (1) ");
}

Test(cgroup, the_least_quota_counts)
{
    put_text("proc/self/cgroup", "0::/a/b\n");
    put_text(V2 "/cgroup.controllers", "cpu\n");
    put_text(V2 "/a/b/cpu.max", "max 100000\n");
    cr_expect_eq(dpk_machine_quota("."), 0);
    put_text(V2 "/a/cpu.max", "300000 100000\n");
    cr_expect_eq(dpk_machine_quota("."), 3);
    put_text(V2 "/a/b/cpu.max", "400000 100000\n");
    cr_expect_eq(dpk_machine_quota("."), 3);
}

Test(cgroup, memory_that_caches_files_is_free)
{
    put_text("proc/meminfo", "MemTotal: 900 kB\nMemFree: 100 kB\nMemAvailable:     800 kB\n");
    cr_expect_eq(dpk_machine_memory_below("."), 800 * 1024);
    put_text("proc/self/cgroup", "0::/job\n");
    put_text(V2 "/cgroup.controllers", "memory\n");
    put_text(V2 "/job/memory.max", "500000\n");
    put_text(V2 "/job/memory.current", "450000\n");
    cr_expect_eq(dpk_machine_memory_below("."), 50000);
    put_text(V2 "/job/memory.stat",
             "anon 10000\nfile 440000\nactive_file 40000\ninactive_file 400000\n");
    cr_expect_eq(dpk_machine_memory_below("."), 450000);
    put_text(V2 "/job/memory.current", "300000\n"); /* read at another moment */
    cr_expect_eq(dpk_machine_memory_below("."), 500000);
    put_text(V2 "/job/memory.max", "max\n");
    cr_expect_eq(dpk_machine_memory_below("."), 800 * 1024);
}

Test(cgroup, memory_that_caches_files_is_free_in_version_1)
{
    put_text("proc/meminfo", "MemAvailable:     800 kB\n");
    put_text("proc/self/cgroup", "4:memory:/\n");
    put_text(V2 "/memory/memory.limit_in_bytes", "500000\n");
    put_text(V2 "/memory/memory.usage_in_bytes", "450000\n");
    put_text(V2 "/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100000\n");
    cr_expect_eq(dpk_machine_memory_below("."), 150000);
}
