/* SPDX-License-Identifier: MIT */
/* topology.c: reads hwloc, or the C library and sysfs in builds without it. */
#include "machine/topology.h"

#include "machine/lines.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef DPK_HAVE_HWLOC

#    include <hwloc.h>

static unsigned count(hwloc_topology_t tree, hwloc_obj_type_t type)
{
    int number = hwloc_get_nbobjs_by_type(tree, type);
    return number > 0 ? (unsigned)number : 0;
}

static void ask(dpk_topology *topology)
{
    static const hwloc_obj_type_t caches[] = { HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                               HWLOC_OBJ_L3CACHE };
    hwloc_topology_t tree;
    topology->source = "hwloc";
    if (hwloc_topology_init(&tree) != 0)
        return;
    if (hwloc_topology_load(tree) == 0) {
        topology->packages = count(tree, HWLOC_OBJ_PACKAGE);
        topology->cores = count(tree, HWLOC_OBJ_CORE);
        topology->threads = count(tree, HWLOC_OBJ_PU);
        topology->nodes = count(tree, HWLOC_OBJ_NUMANODE);
        for (int level = 0; level < 3; level++) {
            hwloc_obj_t cache = hwloc_get_obj_by_type(tree, caches[level], 0);
            if (cache != NULL)
                topology->cache[level] = (size_t)cache->attr->cache.size;
        }
    }
    hwloc_topology_destroy(tree);
}

#else

/* Linux lists the caches of a processor in index0, index1, …, in the order of their levels, those
 * for data before those for instructions. */
static void read_caches(size_t cache[3])
{
    for (int i = 0; i < 10; i++) {
        char path[128], line[32];
        int level = 0;
        size_t size = 0;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/level", i);
        sscanf(dpk_machine_line(path, line, sizeof line), "%d", &level);
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
        if (sscanf(dpk_machine_line(path, line, sizeof line), "%zuK", &size) == 1 && level >= 1 &&
            level <= 3 && cache[level - 1] == 0)
            cache[level - 1] = size * 1024;
    }
}

static void ask(dpk_topology *topology)
{
    topology->source = "sysconf";
    long threads = sysconf(_SC_NPROCESSORS_CONF);
    topology->threads = threads > 0 ? (unsigned)threads : 0;
#    ifdef _SC_LEVEL1_DCACHE_SIZE /* of glibc alone */
    static const int names[] = { _SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
                                 _SC_LEVEL3_CACHE_SIZE };
    for (int level = 0; level < 3; level++) {
        long size = sysconf(names[level]);
        topology->cache[level] = size > 0 ? (size_t)size : 0;
    }
#    endif
    read_caches(topology->cache);
}

#endif

void dpk_processor_model(const char *root, char *model, size_t size)
{
    char line[4096];
    model[0] = '\0';
    snprintf(line, sizeof line, "%s/proc/cpuinfo", root);
    FILE *file = fopen(line, "r");
    if (file == NULL)
        return;
    while (model[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        const char *name = colon + 1 + strspn(colon + 1, " ");
        snprintf(model, size, "%.*s", (int)strcspn(name, "\n"), name);
    }
    fclose(file);
}

void dpk_topology_read(dpk_topology *topology)
{
    *topology = (dpk_topology){ 0 };
    dpk_processor_model("", topology->cpu, sizeof topology->cpu);
    ask(topology);
}
