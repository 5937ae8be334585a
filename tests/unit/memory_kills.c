/* SPDX-License-Identifier: MIT */
/* memory_kills: how often the kernel has killed, read from machines made of files. */
#include "machine/memory_kills.h"

#include "files.h"

TestSuite(memory_kills, .init = enter_directory, .fini = remove_directory);

Test(memory_kills, the_own_cgroup_tells)
{
    put_text("proc/self/cgroup", "0::/job/step\n");
    put_text("proc/vmstat", "nr_free_pages 7\noom_kill 100\n");
    put_text("sys/fs/cgroup/job/step/memory.events", "low 0\nmax 9\noom 5\noom_kill 3\n");
    put_text("sys/fs/cgroup/job/memory.events", "oom 50\noom_kill 30\n");
    cr_expect(dpk_memory_kills(".") == 3);
}

Test(memory_kills, version_1_tells_too)
{
    put_text("proc/self/cgroup", "4:cpu:/\n3:memory:/job\n0::/\n");
    put_text("sys/fs/cgroup/memory/job/memory.oom_control",
             "oom_kill_disable 0\nunder_oom 0\noom_kill 12\n");
    cr_expect(dpk_memory_kills(".") == 12);
}

Test(memory_kills, else_the_machine_does)
{
    cr_expect(dpk_memory_kills(".") == 0);
    put_text("proc/self/cgroup", "0::/\n");
    put_text("proc/vmstat", "nr_free_pages 7\noom_kill 100\n");
    cr_expect(dpk_memory_kills(".") == 100);
}
