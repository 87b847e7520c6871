// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What programs seldom do to files: strace and aa-trace tell the same.
#include <doctest/doctest.h>

#include "cli/run.hpp"
#include "cli/strace/strace_job.hpp"

namespace aa::test {
namespace {

std::vector<std::string> workload(const char* name) {
  return {program().substr(0, program().rfind('/')) + "/workloads/" + name};
}

}  // namespace

TEST_SUITE_BEGIN("strace files");

TEST_CASE("processes that are killed: while they wait for a fifo, in the middle of work, at the file size limit") {
  check_job({bash(R"(
    timeout -s KILL 0.2 cat p; timeout 0.2 cat p; timeout -s KILL 0.2 sh -c 'cat < q'
    timeout -s KILL 0.2 perl -e 'while (1) { open F, ">k"; print F 1; close F; rename "k", "l"; unlink "l" }'
    timeout -s ALRM 0.2 perl -e '$SIG{ALRM} = sub { die }; open F, "<p"'
    (ulimit -f 1; head -c 10000 /dev/zero > big); true)"),
             150, "open read write close rename unlink", "mkfifo p q"});
}

TEST_CASE("what is reported unless other events are asked for") {
  check_job({bash(R"(set -e
    cp -a f d; tar c d | tar x -C t; find t -type f -exec sed -i 's/a/b/' {} +; mv t/d e; rm -r e)"),
             120, "open mkdir rename unlink rmdir chmod chown utime",
             "mkdir t f; for i in 1 2 3 4 5; do seq $i 100 > f/$i; done", Job::Selection::kDefault});
}

TEST_CASE("a user without rights") {
  check_job({{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-c", R"(
    cat no; echo > x; cd o; echo 1 > a; cat a; rm ../no; chmod 777 ../no; chown 0 a; mv a ../b; ln a b; cp a c
    touch -d @1 /etc/passwd; ls /root; mkdir ../d; rmdir ../o; truncate -s 0 ../no; chmod 0 a; cat a; true)"},
             300,
             "open read write close unlink chmod chown rename link utime mkdir rmdir",
             "chmod 755 .; mkdir o; chown 65534 o; chmod 700 o; echo 1 > no; chmod 600 no"});
}

TEST_CASE("a mount namespace: a mount over files, one over another, one that is detached in use") {
  check_job({{"unshare", "-m", "bash", "-c", R"(
    mount -t tmpfs none m; echo 1 > m/a; mkdir m/d; cd m/d; echo 2 > ../b; mv ../b .; cd ../..; mount --bind m/d r
    cat r/b; exec 7>> r/b; rm r/b; echo x >&7; exec 7>&-; umount -l m; cat m/hidden)"},
             150,
             "open read write close mkdir rename unlink",
             "mkdir m r; echo x > m/hidden"});
}

TEST_CASE("calls on names that ordinary programs do not make") {
  check_job({workload("odd_file_names"), 240,
             "open write close unlink rmdir mkdir mknod rename link symlink chmod chown truncate utime xattr"});
}

TEST_CASE("calls on descriptors that ordinary programs do not make") {
  check_job({workload("odd_descriptors"), 90, "open read write close mmap chmod chown truncate utime xattr"});
}

TEST_CASE("threads that share names and current directories") {
  check_job({workload("threads_share_names"), 1500, "open read write close mkdir rmdir mknod rename symlink unlink"});
}

TEST_SUITE_END();

}  // namespace aa::test
