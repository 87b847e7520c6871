// Root no longer than needed: who COMMAND runs as, what aa-trace keeps, and what it says without privileges.
#include <doctest/doctest.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "events.hpp"

namespace aa::test {
namespace {

struct User {
  std::string name, home;
  uid_t uid;
  gid_t gid;
};

User user(const char* name) {
  const passwd* entry = getpwnam(name);
  REQUIRE_MESSAGE(entry, "user ", name, " is in the user database");
  return {entry->pw_name, entry->pw_dir, entry->pw_uid, entry->pw_gid};
}

// A user with supplementary groups shows best that these are taken over; not every machine has one.
std::vector<User> users() {
  std::vector<User> result{user("daemon"), user("nobody")};
  setgrent();
  while (const group* g = getgrent()) {
    for (char** member = g->gr_mem; *member; member++) {
      const passwd* entry = getpwnam(*member);
      if (!entry || entry->pw_uid == 0) continue;
      result.push_back({entry->pw_name, entry->pw_dir, entry->pw_uid, entry->pw_gid});
      endgrent();
      return result;
    }
  }
  endgrent();
  return result;
}

Spec as_sudo(const User& caller, const std::vector<std::string>& options, const std::string& script) {
  std::vector<std::string> arguments{"-q", "-e", "exec", "-o", "/dev/null"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", "/bin/sh", "-c", script});
  Spec spec = aa_spec(arguments);
  spec.env = {{"SUDO_UID", std::to_string(caller.uid)},
              {"SUDO_GID", std::to_string(caller.gid)},
              {"SUDO_USER", caller.name},
              {"HOME", "/root"},
              {"USER", "root"},
              {"LOGNAME", "root"}};
  spec.cwd = "/tmp";
  return spec;
}

std::string one_line(std::vector<std::string> argv) {
  const std::string out = run(std::move(argv)).out;
  return out.substr(0, out.find('\n'));
}

// aa-trace attached to a shell, ready, and what the kernel says about it.
struct Attached {
  Process shell{shell_spec()};
  Process tracer{aa_spec({"-q", "-j", "-p", std::to_string(shell.pid())})};
  Attached() { REQUIRE(started(tracer)); }
};

Outcome unprivileged(const std::vector<std::string>& arguments) {
  // The build directory may be closed to other users; the program itself must not be what refuses to start.
  const Scratch scratch;
  REQUIRE(run({"/bin/cp", program(), scratch.file("aa-trace")}).status == 0);
  REQUIRE(chmod(scratch.file("aa-trace").c_str(), 0755) == 0);
  Spec spec;
  spec.argv = arguments;
  spec.argv.insert(spec.argv.begin(), scratch.file("aa-trace"));
  spec.uid = 65534;
  return run(spec);
}

}  // namespace

TEST_SUITE_BEGIN("privileges");

TEST_CASE("COMMAND runs as the user who called sudo") {
  for (const User& caller : users()) {
    CAPTURE(caller.name);
    const Outcome o =
        run(as_sudo(caller, {}, "id -u; id -g; id -G; echo $HOME; echo $USER; echo $LOGNAME; pwd; id -ru; id -rg"));
    CAPTURE(o.err);
    CHECK(o.status == 0);
    const auto got = lines(o.out);
    REQUIRE(got.size() == 9);
    CHECK(got[0] == std::to_string(caller.uid));
    CHECK(got[1] == std::to_string(caller.gid));
    CHECK(got[2] == one_line({"/usr/bin/id", "-G", caller.name}));
    CHECK(got[3] == caller.home);
    CHECK(got[4] == caller.name);
    CHECK(got[5] == caller.name);
    CHECK(got[6] == "/tmp");
    CHECK(got[7] == got[0]);
    CHECK(got[8] == got[1]);
  }
}

TEST_CASE("and cannot get root back") {
  const Outcome o = run(as_sudo(user("daemon"), {},
                                "grep -E '^(Uid|Gid|CapPrm|CapEff|CapInh|CapAmb)' /proc/self/status; cat /etc/shadow"));
  CHECK(contains(o.out, "Uid:\t1\t1\t1\t1\n"));
  CHECK(contains(o.out, "Gid:\t1\t1\t1\t1\n"));
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
    CHECK(contains(o.out, std::string(set) + ":\t0000000000000000\n"));
  CHECK(contains(o.err, "Permission denied"));
}

TEST_CASE("--as-root keeps root and root's environment") {
  const Outcome o = run(as_sudo(user("daemon"), {"--as-root"}, "id -u; id -g; echo $HOME $USER $LOGNAME"));
  CHECK(o.status == 0);
  CHECK(o.out == "0\n0\n/root root root\n");
}

TEST_CASE("its events carry the user's uid and gid") {
  Spec spec = as_sudo(user("daemon"), {}, "");
  spec.argv = aa_spec({"-q", "-j", "-e", "exec", "--", "/bin/sh", "-c", "/bin/true; exit 0"}).argv;
  const Outcome o = run(spec);
  const Events execs = named(parse_events(o.out), "exec");
  CAPTURE(describe(execs));
  REQUIRE(execs.size() == 2);
  for (const auto& e : execs) {
    CHECK(e["uid"] == 1);
    CHECK(e["gid"] == 1);
  }
}

TEST_CASE("a file only the caller may not execute is 126, as for the caller") {
  const Scratch scratch;
  const std::string secret = scratch.write("secret", "#!/bin/sh\n", 0700);
  Spec spec = as_sudo(user("daemon"), {}, "");
  spec.argv = aa_spec({"-e", "exec", "--", secret}).argv;
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK(o.status == 126);
  CHECK(o.out == "");
  CHECK(lines(o.err).size() == 1);
}

TEST_CASE("without SUDO_GID the user's own group is meant") {
  for (const User& caller : users()) {
    CAPTURE(caller.name);
    Spec spec = as_sudo(caller, {}, "id -u; id -g; id -G");
    spec.env.erase("SUDO_GID");
    const Outcome o = run(spec);
    CAPTURE(o.err);
    CHECK(o.status == 0);
    CHECK(o.out == std::to_string(caller.uid) + "\n" + std::to_string(caller.gid) + "\n" +
                       one_line({"/usr/bin/id", "-G", caller.name}) + "\n");
  }
}

TEST_CASE("without SUDO_GID of a user who is nobody's, and without SUDO_UID: what is missing is named") {
  Spec unknown = as_sudo(User{"", "", 4242424, 4242424}, {}, "id -u");
  unknown.env.erase("SUDO_GID");
  Spec no_user = as_sudo(user("daemon"), {}, "id -u");
  no_user.env.erase("SUDO_UID");
  for (const auto& [spec, missing] :
       {std::pair(unknown, "SUDO_GID is not set"), std::pair(no_user, "SUDO_UID is not set")}) {
    const Outcome o = run(spec);
    CAPTURE(o.err);
    CHECK(o.status != 0);
    CHECK(o.out == "");
    CHECK(contains(o.err, missing));
    CHECK(lines(o.err).size() == 1);
  }
}

TEST_CASE("COMMAND runs as the user who called doas or pkexec") {
  const std::string script = "id -u; id -g; id -G; echo $HOME $USER $LOGNAME";
  for (const User& caller : users()) {
    CAPTURE(caller.name);
    Spec sudo = as_sudo(caller, {}, script), doas = sudo, pkexec = sudo;
    for (Spec* spec : {&doas, &pkexec})
      for (const char* name : {"SUDO_UID", "SUDO_GID", "SUDO_USER"}) spec->env[name] = std::nullopt;
    doas.env["DOAS_USER"] = caller.name;
    pkexec.env["PKEXEC_UID"] = std::to_string(caller.uid);
    const Outcome expected = run(sudo);
    REQUIRE(contains(expected.out, std::to_string(caller.uid) + "\n"));
    CHECK(run(doas).out == expected.out);
    CHECK(run(pkexec).out == expected.out);
    // sudo comes first
    Spec both = sudo;
    both.env["DOAS_USER"] = both.env["PKEXEC_UID"] = "0";
    CHECK(run(both).out == expected.out);
  }
}

TEST_CASE("a broken DOAS_USER or PKEXEC_UID never means root") {
  const std::pair<const char*, const char*> broken[] = {
      {"DOAS_USER", "no-such-user"}, {"DOAS_USER", ""},    {"PKEXEC_UID", ""},
      {"PKEXEC_UID", "abc"},         {"PKEXEC_UID", "-1"}, {"PKEXEC_UID", "3999999999"}};
  for (const auto& [name, value] : broken) {
    Spec spec = as_sudo(user("daemon"), {}, "id -u");
    for (const char* of_sudo : {"SUDO_UID", "SUDO_GID", "SUDO_USER"}) spec.env[of_sudo] = std::nullopt;
    spec.env[name] = value;
    const Outcome o = run(spec);
    CAPTURE(std::string(name) + "=" + value);
    CAPTURE(o.err);
    CHECK(o.out == "");
    CHECK(o.status == 1);
    CHECK(contains(o.err, name));
  }
}

TEST_CASE("a broken SUDO_UID never means root") {
  for (const char* uid : {"abc", "", "-1", "4294967295", "1x", "99999999999"}) {
    Spec spec = as_sudo(user("daemon"), {}, "id -u");
    spec.env["SUDO_UID"] = uid;
    const Outcome o = run(spec);
    CAPTURE(std::string(uid));
    CAPTURE(o.err);
    // Empty is as good as unset; anything else was meant to be a user and must not be ignored.
    if (*uid) CHECK_MESSAGE(!contains(o.out, "0\n"), "did not run as root");
    if (o.out.empty()) CHECK(o.status != 0);
  }
}

TEST_CASE("after attaching aa-trace has no_new_privs and no capability worth having") {
  Attached a;
  const auto status = [&](const char* key) { return proc_status(a.tracer.pid(), key); };
  REQUIRE(wait_until([&] { return status("NoNewPrivs") == "1"; }));
  const unsigned long long allowed = 1ULL << CAP_KILL;  // to pass signals on to a COMMAND of another user
  for (const char* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
    CAPTURE(set);
    CAPTURE(status(set));
    REQUIRE(status(set).size() == 16);
    CHECK((std::stoull(status(set), nullptr, 16) & ~allowed) == 0);
  }
}

TEST_CASE("every thread of aa-trace has dropped them") {
  Attached a;
  const Outcome o = run({"/bin/sh", "-c", "grep -h CapEff /proc/" + std::to_string(a.tracer.pid()) + "/task/*/status"});
  REQUIRE(o.status == 0);
  REQUIRE(!lines(o.out).empty());
  const unsigned long long allowed = 1ULL << CAP_KILL;
  for (const auto& line : lines(o.out))
    CHECK((std::stoull(line.substr(line.find('\t') + 1), nullptr, 16) & ~allowed) == 0);
}

TEST_CASE("without privileges: one clear sentence, exit 1") {
  const std::vector<std::vector<std::string>> calls{
      {"-p", "1"}, {"-a"}, {"--", "true"}, {"-j", "-p", "1"}, {"-q", "-p", "1"}};
  for (const auto& arguments : calls) {
    const Outcome o = unprivileged(arguments);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 1);
    CHECK(o.out == "");
    CHECK(lines(o.err).size() == 1);
    CHECK(o.err.starts_with("aa-trace: "));
    const bool names_cure = contains(o.err, "root") || contains(o.err, "sudo") || contains(o.err, "CAP_");
    CHECK_MESSAGE(names_cure, "says what is needed");
    CHECK_MESSAGE(!contains(o.err, "libbpf"), "no raw library messages");
  }
}

TEST_CASE("without privileges COMMAND is not run") {
  const Scratch scratch;
  const Outcome o = unprivileged({"--", "/usr/bin/touch", scratch.file("ran")});
  CHECK(o.status == 1);
  CHECK(access(scratch.file("ran").c_str(), F_OK) != 0);
}

TEST_CASE("without privileges a mistake in the arguments is still exit 2") {
  CHECK(unprivileged({"--jsn"}).status == 2);
  CHECK(unprivileged({}).status == 2);
}

TEST_CASE("--check says what is missing, exit 1, without privileges; exit 0 and every hook with them") {
  const Outcome refused = unprivileged({"--check"});
  CHECK(refused.status == 1);
  CHECK(refused.out + refused.err != "");
  const Outcome o = run(aa_spec({"--check"}));
  const std::string text = o.out + o.err;
  CAPTURE(text);
  CHECK(o.status == 0);
  for (const char* event : {"exec", "fork", "exit"}) {
    bool found = false;
    for (const auto& line : lines(text))
      found = found || (contains(line, event) && (contains(line, "sched_process") || contains(line, "sys_exit")));
    CHECK_MESSAGE(found, "names the hook of ", event);
  }
  CHECK(contains(text, "sched_process_exec"));
  CHECK(contains(text, "sys_exit"));
}

TEST_SUITE_END();

}  // namespace aa::test
