/* SPDX-License-Identifier: MIT */
/* sink_targets.c: where output paths lead, and what of an old file stays. */
#include "sinks.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sys/xattr.h>

TestSuite(target, .init = enter_directory, .fini = remove_directory);

Test(target, symbolic_links_stay)
{
    dpk_error error;
    struct stat status;
    put_file("real", "old", 3);
    cr_assert_eq(symlink("real", "second"), 0);
    cr_assert_eq(symlink("second", "first"), 0);
    cr_assert_eq(symlink("nothing", "dangling"), 0);
    cr_assert_eq(symlink("loop", "loop"), 0);
    cr_assert_eq(write_sink("first", "new", &error), DPK_OK);
    cr_assert_eq(write_sink("dangling", "new", &error), DPK_OK);
    cr_expect(file_is("real", "new"));
    cr_expect(file_is("nothing", "new"));
    cr_expect(lstat("first", &status) == 0 && S_ISLNK(status.st_mode));
    cr_expect(lstat("dangling", &status) == 0 && S_ISLNK(status.st_mode));
    expect_failure(write_sink("loop", "new", &error), DPK_OUTPUT_FAILED, &error, "loop");
    cr_expect_eq(count_entries("."), 6);
}

/* Other users' links in folders that anyone may write to are the kernel's to refuse. */
Test(target, links_of_others_in_shared_folders_are_not_followed)
{
    char setting = '0';
    FILE *file = fopen("/proc/sys/fs/protected_symlinks", "r");
    if (file == NULL || fread(&setting, 1, 1, file) != 1 || setting == '0' || geteuid() != 0)
        cr_skip_test("needs root, and fs.protected_symlinks");
    fclose(file);
    dpk_error error = { 0 };
    mkdir("shared", 0777);
    chmod("shared", 01777);
    put_file("precious", "old", 3);
    cr_assert_eq(symlink("../precious", "shared/link"), 0);
    cr_assert_eq(symlink("../fresh", "shared/dangling"), 0);
    cr_assert_eq(lchown("shared/link", 1234, 1234), 0);
    cr_assert_eq(lchown("shared/dangling", 1234, 1234), 0);
    cr_expect_lt(open("shared/link", O_WRONLY), 0, "nor does the kernel");
    expect_failure(write_sink("shared/link", "new", &error), DPK_OUTPUT_FAILED, &error, "link");
    cr_expect_str_eq(error.text, "cannot write 'shared/link': Permission denied");
    expect_failure(write_sink("shared/dangling", "new", &error), DPK_OUTPUT_FAILED, &error, "link");
    cr_expect(file_is("precious", "old"));
    cr_expect_neq(access("fresh", F_OK), 0);
    cr_assert_eq(lchown("shared/link", 0, 0), 0);
    cr_expect_eq(write_sink("shared/link", "new", &error), DPK_OK);
    cr_expect(file_is("precious", "new"));
}

/* The folder that was found is the one that is written to, also if another has its name by then. */
Test(target, folders_are_held_open)
{
    dpk_sink sink;
    dpk_error error;
    mkdir("folder", 0777);
    mkdir("elsewhere", 0777);
    cr_assert_eq(dpk_sink_open(&sink, "folder/x", &error), DPK_OK);
    cr_assert_eq(rename("folder", "moved"), 0);
    cr_assert_eq(symlink("elsewhere", "folder"), 0);
    cr_assert_eq(write_to(&sink, "new", &error), DPK_OK);
    cr_expect(file_is("moved/x", "new"));
    cr_expect_eq(count_entries("elsewhere"), 0);
}

/* Deeper than any path may be long. */
Test(target, deep_folders)
{
    dpk_error error;
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    int top = open(".", O_RDONLY);
    for (int depth = 0; depth < 25; depth++)
        cr_assert(mkdir(name, 0777) == 0 && chdir(name) == 0);
    cr_assert_eq(write_sink("x", "new", &error), DPK_OK, "%s", error.text);
    cr_expect(file_is("x", "new"));
    cr_assert_eq(symlink("x", "link"), 0);
    cr_assert_eq(write_sink("link", "newer", &error), DPK_OK, "%s", error.text);
    cr_expect(file_is("x", "newer"));
    cr_assert_eq(unlink("x"), 0);
    cr_assert_eq(unlink("link"), 0);
    for (int depth = 0; depth < 25; depth++)
        cr_assert(chdir("..") == 0 && rmdir(name) == 0);
    close(top);
}

Test(target, devices_and_pipes_are_written_directly)
{
    dpk_error error;
    cr_expect_eq(write_sink("/dev/null", "new", &error), DPK_OK);
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    cr_expect_eq(write_sink("fifo", "new", &error), DPK_OK);
    char text[8] = "";
    cr_expect_eq(read(reader, text, sizeof text), 3);
    cr_expect_str_eq(text, "new");
    struct stat status;
    cr_expect(stat("fifo", &status) == 0 && S_ISFIFO(status.st_mode));
}

/* However they are named, descriptors are written to where they stand. */
Test(target, open_files_are_written_where_they_stand)
{
    static const char *const names[] = { "-",           "/dev/stdout",     "/dev/fd/1",
                                         "link",        "/proc/self/fd/1", "/proc/thread-self/fd/1",
                                         "/dev//fd/./1" };
    cr_assert_eq(symlink("/dev/stdout", "link"), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        dpk_error error = { 0 };
        int saved = dup(STDOUT_FILENO), file = open("x", O_CREAT | O_TRUNC | O_RDWR, 0600);
        dup2(file, STDOUT_FILENO);
        cr_expect_eq(write(STDOUT_FILENO, "before ", 7), 7);
        dpk_status status = write_sink(names[i], "new", &error);
        cr_expect_eq(write(STDOUT_FILENO, " after", 6), 6);
        dup2(saved, STDOUT_FILENO);
        close(saved);
        close(file);
        cr_expect_eq(status, DPK_OK, "%s: %s", names[i], error.text);
        cr_expect(file_is("x", "before new after"), "%s", names[i]);
    }
    cr_expect_eq(count_entries("."), 2);
}

Test(target, open_files_are_appended_to)
{
    dpk_error error;
    char name[32];
    put_file("x", "before ", 7);
    int file = open("x", O_WRONLY | O_APPEND);
    snprintf(name, sizeof name, "/dev/fd/%d", file);
    cr_assert_eq(write_sink(name, "new", &error), DPK_OK);
    cr_expect(file_is("x", "before new"));
    file = open("x", O_RDONLY);
    snprintf(name, sizeof name, "/dev/fd/%d", file);
    expect_failure(write_sink(name, "new", &error), DPK_OUTPUT_FAILED, &error, "read-only");
}

Test(target, pipes_and_sockets_of_this_process)
{
    dpk_error error;
    int pairs[2][2];
    cr_assert_eq(pipe(pairs[0]), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[1]), 0);
    for (int i = 0; i < 2; i++) {
        char name[32], text[8] = "";
        snprintf(name, sizeof name, "/dev/fd/%d", pairs[i][1]);
        cr_expect_eq(dpk_sink_check(name, &error), DPK_OK);
        cr_assert_eq(write_sink(name, "new", &error), DPK_OK);
        cr_expect_eq(read(pairs[i][0], text, sizeof text), 3);
        cr_expect_str_eq(text, "new");
    }
}

/* A file that another process has open: what its link shows is no name to put another file at. */
Test(target, open_files_of_others_are_written_into)
{
    dpk_error error;
    char name[64];
    put_file("x", "older", 5);
    int file = open("x", O_RDWR);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)child, file);
    cr_assert_eq(unlink("x"), 0);
    dpk_status status = write_sink(name, "new", &error);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    cr_expect_eq(status, DPK_OK);
    char text[8] = "";
    cr_expect_eq(pread(file, text, sizeof text, 0), 3);
    cr_expect_str_eq(text, "new");
    cr_expect_eq(count_entries("."), 0);
}

Test(target, file_is_written_in_place)
{
    dpk_error error;
    struct stat before, after;
    static const char *const olds[] = { "", "old", "older and longer" };
    for (int i = 0; i < 3; i++) {
        put_file("x", olds[i], strlen(olds[i]));
        cr_assert_eq(link("x", "second"), 0);
        cr_assert_eq(stat("x", &before), 0);
        dpk_sink sink;
        cr_assert_eq(dpk_sink_open_as(&sink, "x", &(dpk_sink_options){ .in_place = true }, &error),
                     DPK_OK);
        cr_assert_eq(dpk_sink_write(&sink, "n", 1, &error), DPK_OK);
        cr_assert_eq(dpk_sink_write_at(&sink, 0, "ew", 2, &error), DPK_OK);
        cr_expect(file_is("x", olds[i]), "until the end");
        cr_assert_eq(dpk_sink_commit(&sink, &error), DPK_OK);
        cr_assert_eq(stat("x", &after), 0);
        cr_expect_eq(before.st_ino, after.st_ino);
        cr_expect(file_is("second", "new"));
        cr_expect_eq(count_entries("."), 2);
        cr_assert_eq(unlink("second"), 0);
    }
    cr_assert_eq(unlink("x"), 0);
    cr_assert_eq(write_as("x", &(dpk_sink_options){ .in_place = true }, &error), DPK_OK);
    cr_expect(file_is("x", "new"));
}

/* A container's single file: no other can take its place. */
Test(target, mounted_file_is_written_in_place)
{
    dpk_error error;
    put_file("outside", "old", 3);
    put_file("x", "hidden", 6);
    if (mount("outside", "x", NULL, MS_BIND, NULL) != 0)
        cr_skip_test("mounting needs root");
    dpk_status status = write_sink("x", "new", &error);
    umount("x");
    cr_expect_eq(status, DPK_OK);
    cr_expect(file_is("outside", "new"));
    cr_expect(file_is("x", "hidden"));
    cr_expect_eq(count_entries("."), 2);
}

/* ---------------------------------------------------------------------------------- attributes */

Test(target, mode_and_owner_of_old_file_are_kept)
{
    dpk_error error;
    put_file("x", "old", 3);
    bool root = chown("x", 1234, 1235) == 0;
    chmod("x", 0604);
    cr_assert_eq(write_sink("x", "new", &error), DPK_OK);
    struct stat status;
    cr_assert_eq(stat("x", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0604);
    if (root)
        cr_expect(status.st_uid == 1234 && status.st_gid == 1235);
}

Test(target, read_only_file_is_replaced_only_by_force)
{
    dpk_error error = { 0 };
    put_file("x", "old", 3);
    chmod("x", 0444);
    expect_failure(write_sink("x", "new", &error), DPK_OUTPUT_FAILED, &error, "read-only");
    cr_expect_str_eq(error.text, "cannot write 'x': it is read-only");
    cr_expect_eq(dpk_sink_check("x", &error), DPK_OUTPUT_FAILED);
    cr_expect(file_is("x", "old"));
    cr_assert_eq(write_as("x", &(dpk_sink_options){ .force = true }, &error), DPK_OK);
    cr_expect(file_is("x", "new"));
    cr_expect_eq(mode_of("x"), 0444);
}

/* An access control list as the kernel takes it: version 2, then tag, permissions, and the user or
 * group that is meant, by rising tags: owner, user 1234, group, mask, others. */
static const unsigned char access_list[] = {
    2,  0, 0, 0,                                                      /* version */
    1,  0, 6, 0, 255, 255, 255, 255, 2,  0, 4, 0, 210, 4,   0,   0,   /* u::rw- u:1234:r-- */
    4,  0, 0, 0, 255, 255, 255, 255, 16, 0, 4, 0, 255, 255, 255, 255, /* g::--- m::r-- */
    32, 0, 0, 0, 255, 255, 255, 255                                   /* o::--- */
};

static bool has_access_list(const char *path)
{
    unsigned char list[256];
    return getxattr(path, "system.posix_acl_access", list, sizeof list) == sizeof access_list &&
           memcmp(list, access_list, sizeof access_list) == 0;
}

Test(target, attributes_of_old_file_are_kept)
{
    dpk_error error;
    char value[8] = "";
    put_file("x", "old", 3);
    if (setxattr("x", "user.origin", "here", 4, 0) != 0 ||
        setxattr("x", "system.posix_acl_access", access_list, sizeof access_list, 0) != 0)
        cr_skip_test("no extended attributes or access control lists on this file system");
    cr_assert_eq(mode_of("x"), 0640, "the mask, in the group's place");
    cr_assert_eq(write_sink("x", "new", &error), DPK_OK);
    cr_expect(file_is("x", "new"));
    cr_expect_eq(getxattr("x", "user.origin", value, sizeof value), 4);
    cr_expect_str_eq(value, "here");
    cr_expect(has_access_list("x"));
    cr_expect_eq(mode_of("x"), 0640);
    cr_expect_null(lost);
}

/* An old file without a list does not get the one that its folder gives to new files. */
Test(target, folders_default_does_not_widen_permissions)
{
    dpk_error error;
    put_file("x", "old", 3);
    chmod("x", 0644);
    if (setxattr(".", "system.posix_acl_default", access_list, sizeof access_list, 0) != 0)
        cr_skip_test("no access control lists on this file system");
    cr_assert_eq(write_sink("x", "new", &error), DPK_OK);
    cr_expect_lt(getxattr("x", "system.posix_acl_access", NULL, 0), 0);
    cr_expect_eq(mode_of("x"), 0644);
    cr_assert_eq(write_sink("y", "new", &error), DPK_OK);
    cr_expect_gt(getxattr("y", "system.posix_acl_access", NULL, 0), 0, "a new file gets it");
}

/* Replaces the file of another user, of whose group one is not. */
static int replace_as_another(void)
{
    dpk_error error;
    if (setgroups(0, NULL) != 0 || setgid(1234) != 0 || setuid(1234) != 0)
        return 1;
    if (write_sink("x", "new", &error) != DPK_OK)
        return 2;
    return lost != NULL && strcmp(lost, "access control list") == 0 ? 0 : 3;
}

Test(target, nobody_gets_more_rights_than_before)
{
    dpk_error error;
    put_file("x", "old", 3);
    if (geteuid() != 0 ||
        setxattr("x", "system.posix_acl_access", access_list, sizeof access_list, 0) != 0)
        cr_skip_test("needs root, and access control lists");
    unsigned char writable[sizeof access_list];
    memcpy(writable, access_list, sizeof writable);
    writable[14] = writable[30] = 6; /* user 1234 and the mask: rw- */
    cr_assert_eq(setxattr("x", "system.posix_acl_access", writable, sizeof writable, 0), 0);
    cr_assert_eq(chown(".", 1234, 1234), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(replace_as_another());
    int status;
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "step %d", WEXITSTATUS(status));
    cr_expect(file_is("x", "new"));
    cr_expect_lt(getxattr("x", "system.posix_acl_access", NULL, 0), 0);
    cr_expect_eq(mode_of("x"), 0600);
    (void)error;
}
