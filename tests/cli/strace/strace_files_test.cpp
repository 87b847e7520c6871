// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What ordinary programs do to files: strace and aa-trace tell the same.
#include <doctest/doctest.h>

#include "cli/strace/strace_job.hpp"

namespace aa::test {

TEST_SUITE_BEGIN("strace files");

TEST_CASE("git: clone, commit, gc, merge, worktree") {
  check_job({bash(R"(set -e
    git clone -q one two; cd two; git log --stat >/dev/null; git mv d1/f1 d2/moved; echo x >> d3/f3; git add -A
    git commit -q -m more; git gc -q; git checkout -q -b other HEAD~2; git merge -q main
    git worktree add -q ../three v1; git grep -q 400; git archive HEAD | tar t >/dev/null; rm -r ../three
    git worktree prune; git clone -q file://$PWD ../four; git -C ../four fsck)"),
             2000, "open read write close unlink rename mkdir rmdir link symlink chmod",
             R"(git config --global user.name N; git config --global user.email n@example.org
    git config --global gc.auto 0; git init -q -b main one; cd one
    for i in 1 2 3 4 5 6; do mkdir d$i; seq 400 > d$i/f$i; git add .; git commit -q -m "commit $i"; done
    git tag -a -m annotated v1; git gc -q)"});
}

TEST_CASE("tar: create, extract over what is there, compress, delete, append") {
  check_job({bash(R"(set -e
    tar cf all.tar t; mkdir out; tar xpf all.tar -C out; tar czf z.tgz -S t; tar xzf z.tgz -C out --overwrite; cd out
    tar xf ../all.tar --strip-components=2 t/sub; tar df ../all.tar t || true; rm -rf t
    tar --delete -f ../all.tar t/sub/deep; tar rf ../all.tar deep)"),
             800, "open read write mkdir mknod link symlink chmod chown utime unlink",
             R"(mkdir -p t/sub/deep; cd t; echo a > 'a b'; echo x > $'new\nline'; echo y > $'latin\xe9'
    echo z > 'quote"<>\'; echo '>' > 'x> (deleted)'; ln -s nowhere dangling; ln 'a b' hard; mkfifo fifo
    mknod null c 1 3; chmod 4755 sub; chown 12:34 'a b'; seq 50000 > sub/deep/big; truncate -s 1M sub/sparse)"});
}

constexpr const char* kTree = R"(mkdir -p t/sub/deep; cd t; echo a > a; ln -s a l; ln a sub/hard; mkfifo fifo
    mknod null c 1 3; chmod 2755 sub; chown 12:34 a; seq 50000 > sub/deep/big; truncate -s 1M sub/sparse
    touch -d @1 a; cp a $'latin\xe9'; python3 -c 'import os; os.setxattr("a", "user.x", b"1") ' || true)";

TEST_CASE("cp: -a, over what is there, backups, links, sparse files; dd, head, rm") {
  check_job({bash(R"(set -e
    cp -a t u; cp -a t/. u; cp --reflink=auto --sparse=always u/sub/sparse v; cp -l u/a w; cp -s $PWD/u/a x
    cp -r --remove-destination t/a u/a; cp -b t/a w; cp --parents t/sub/deep/big u; cp no-such y || true
    cp /dev/null z; cat /proc/self/status > status; cp /proc/self/mounts mounts
    dd if=u/sub/deep/big of=dd bs=1k seek=3 count=7 conv=notrunc; head -c 100 /dev/urandom > random; rm -rf u)"),
             500, "open read write mkdir mknod link symlink chmod chown truncate utime xattr unlink rmdir rename",
             kTree});
}

TEST_CASE("rsync: anew, updates, in place, with backups, taking the source away") {
  check_job({bash(R"(set -e
    rsync -aHX t/ u; echo more >> t/sub/deep/big; rm t/a; rsync -a --delete --no-whole-file t/ u
    seq 30000 > t/sub/deep/big; rsync -a --inplace --no-whole-file t/ u
    rsync -a --backup --suffix=~ --link-dest=$PWD/u t/ w; rsync -a --remove-source-files t/ x; rsync -an t/ u)"),
             1000, "open read write mkdir mknod link symlink chmod chown utime rename unlink", kTree});
}

TEST_CASE("python: packages, threads that make and remove files") {
  check_job({{"/usr/bin/python3", "p.py"},
             700,
             "open read write close mkdir rmdir rename unlink",
             R"(mkdir -p pk/sub; echo 'from . import b; import pk.sub.c' > pk/__init__.py; echo x=1 > pk/b.py
    touch pk/sub/__init__.py; echo 'import argparse, typing' > pk/sub/c.py
    cat > p.py <<'END'
import os, threading, pk
def work(i):
    os.mkdir(f'd{i}')
    for j in range(20):
        name = f'd{i}/{j}'
        with open(name, 'w+') as f:
            f.write('x' * j); f.flush(); f.seek(0); f.read()
        os.rename(name, name + '.new')
        os.unlink(name + '.new')
    os.rmdir(f'd{i}')
threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
for t in threads: t.start()
for t in threads: t.join()
try:
    import no_such_module
except ImportError:
    pass
END
)"});
}

TEST_CASE("gcc: compile, link, with link-time optimization, keeping temporary files; ar, strip, objcopy") {
  check_job({bash(R"(set -e
    gcc -O1 -c a.c; gcc -pipe -flto -o a a.c; gcc -save-temps -g -o b a.c; ar rcs l.a a.o; strip b
    objcopy a.o c.o; gcc -E no-such.c || true)"),
             1500, "open read write close unlink chmod",
             R"(printf '#include <stdio.h>\n#include "h.h"\nint main(void){puts("x");return H;}\n' > a.c
    echo '#define H 0' > h.h)"});
}

TEST_CASE("make -j2: a small C project, a command that is not there, a makefile that is made") {
  check_job({{"make", "-j2"},
             700,
             "open read write close unlink chmod utime",
             R"(printf 'OBJ=$(patsubst %%,f%%.o,1 2 3 4)\nprog: $(OBJ) main.o\n\t$(CC) -o $@ $^\n'  > Makefile
    printf '\t@echo linked | tr a-z A-Z\n\t-no-such-tool\ninclude made.mk\nmade.mk:\n\ttouch $@\n' >> Makefile
    echo 'int main(void){return 0;}' > main.c
    for i in 1 2 3 4; do echo "int f$i(int a){return a+$i;}" > f$i.c; done)"});
}

TEST_CASE("sqlite3: journals that are removed, cut, kept and written ahead, a shared mapping, vacuum, backup") {
  check_job({bash(R"(set -e
    sqlite3 a.db 'create table t(a,b); insert into t values(1,2); begin; insert into t select a+1,b from t; commit;
      update t set b=3; create index i on t(a); vacuum;'
    sqlite3 a.db 'pragma journal_mode=wal; insert into t values(5,6); pragma wal_checkpoint;'
    sqlite3 a.db .dump > d.sql; sqlite3 b.db < d.sql; sqlite3 a.db '.backup c.db'
    sqlite3 a.db 'pragma journal_mode=truncate; delete from t; pragma journal_mode=persist; insert into t values(1,1)'
    sqlite3 /no/such/x 'select 1 from t' || true)"),
             300, "open read write close mmap truncate unlink chown"});
}

TEST_CASE("find: -delete, -exec, -execdir, loops of links; xargs, du, ls") {
  check_job({bash(R"(
    find . -name '*3' -delete; find -L . -type f; find a -type f -exec chmod 600 {} +
    find . -newer a -execdir touch {} \; ; find a -depth -type d -empty -exec rmdir {} \; ; find / -maxdepth 1
    find . -type f -print0 | xargs -0 -P2 -n1 rm; du -s .; ls -lR; true)"),
             400, "open close read write unlink rmdir chmod utime",
             R"(mkdir -p a/b/c/d e; for i in 1 2 3 4 5 6 7 8; do echo $i > "a/b/file $i"; done
    ln -s loop loop; ln -s .. a/up)"});
}

TEST_CASE("files that are edited: sed -i, perl -i, sort -o, split, tee, gzip, shred, awk") {
  check_job({bash(R"(set -e
    sed -i s/1/2/ a b; sed -i.bak s/2/3/ a d/c; sed -i --follow-symlinks s/3/4/ l; sed -n 'w out' a
    perl -i.orig -pe 's/4/5/' a b; sort -o a a; sort -S 64k -T . a > /dev/null; tac a > t; split -l 100 a part
    cat part* > joined; tee x y < a > /dev/null; gzip -k a; gunzip -f a.gz; shred -u b; truncate -s 0 x)"),
             350, "open read write close rename unlink chmod chown truncate utime",
             "seq 1000 > a; seq 10 > b; ln -s b l; mkdir d; echo x > d/c; chmod 600 d/c"});
}

TEST_CASE("mv: across directories and file systems, backups, over what is there, what cannot be moved; ln") {
  check_job({bash(R"(
    mv a/f c/g; mv -n a/l c/g; mv -b c/f c/g; mv a/b c/; mv c d; mv d/b/../g ./h; cd d/b; mv ../../h .././k
    mv ../k ../../a//; cd ../..; t=$(mktemp -d /dev/shm/aa-files.XXXXXX); mv a $t/; mv $t/a z; rmdir $t
    mv no such; mv z z/z; mv z/k /proc/x; mv --backup=numbered z/k z/m; ln -sfn z y; ln -f z/m w; rm -rf z d; true)"),
             450, "open read write close rename unlink rmdir mkdir link symlink chown utime",
             "mkdir -p a/b c; echo 1 > a/f; echo 2 > c/f; ln -s f a/l"});
}

TEST_CASE("install: owners, modes, directories, backups, strip; mkdir -p, rmdir -p") {
  check_job({bash(R"(set -e
    install -d -m 700 -o 5 -g 6 x/y/z; install -m 755 a x/y; install -D -o 7 -g 8 a p/q/r; install -s t st
    install -b -S .o a x/y/a; install -C a x/y/a; install -p -t x a t; install no-such x || true
    mkdir -p -m 711 m/n; rmdir -p m/n)"),
             350, "open read write close mkdir rmdir chmod chown unlink rename utime", "echo 1 > a; cp /bin/true t"});
}

TEST_CASE("a shell script: mktemp, a trap that cleans up, here-documents, redirections, set -C, umask") {
  check_job({{"./script"},
             200,
             "open read write close mkdir rmdir unlink symlink",
             R"(cat > script <<'END'
#!/bin/sh -e
t=$(mktemp -d); trap 'rm -rf $t' EXIT; f=$(mktemp $t/XXXX); u=$(mktemp -u)
cat <<X > $f
here
X
exec 3> $t/three 4< $f 5<> $t/five; echo a >&3; read x <&4; echo b >&5; exec 3>&- 4<&-
(cd $t; echo rel > rel; cat < rel > rel2; ln -s rel link; echo over >| link)
for i in 1 2 3; do echo $i; done > $t/loop 2>&1
set -C; echo no > $t/loop || true
umask 077; mkdir $t/m; : > $t/m/n; cat $f | tee $t/tee | wc -c; read y < /no/such || true
cd $t/m; rm n; cd ..; rmdir m
END
chmod +x script)"});
}

TEST_CASE("bash: substitutions, here-strings, a coprocess, a removed file in use, a removed current directory") {
  check_job({bash(R"(
    exec 7<> f; echo x >&7; cat <(echo one) <(echo two); cat <<< here; x=$(< f); mapfile a < f; rm f
    echo late >&7; exec 7>&-; mkdir g; cd g; rmdir ../g; echo lost > lost; cd ..; coproc cat
    echo q >&${COPROC[1]}; read -u ${COPROC[0]} r; true)"),
             100, "open read write close mkdir rmdir unlink"});
}

TEST_SUITE_END();

}  // namespace aa::test
