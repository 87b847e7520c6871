// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/secret_patterns.hpp"

#include <iterator>
#include <string_view>

namespace aa {

const char kNoSecret[] =
    R"((?i)\*+|-|\d|\$|(?:\$\w+|\$\{[^{}]*\}|\$\([^()]*\))+|%[a-z]|%\(\w+\)s|<[^<>]*>|\{\w*\}|\{\{[^{}]*\}\})"
    R"(|(?:env|file|fd):[\w./-]+|stdin|true|false|yes|no|on|off|''|"")"
    R"(|null|none|nil|undefined|bearer|basic|token|\.[*+]\S{0,9}|\.+)";

namespace {

// Parts of patterns, by name; each may use those before it.
struct Part {
  std::string_view name, regex;
};

constexpr Part kParts[] = {
    // how the name of a secret ends
    {"<word>",
     R"((?i:pass[-_.]?(?:word|phrase|code)|passwd|requirepass|(?:\b|_|store|key|user|db)pass|token|secret|credentials?)"
     R"(|(?:[a-z0-9][-_]|db|user|sql|;\s?)pwd|\bpsk|\b_auth|masterauth)"
     R"(|(?:api|access|secret|private|account|shared|signing|encryption|master|auth)[-_.]?key)(?:[-_]?\d{1,2})?)"},
    // headers whose value is one
    {"<header>", R"((?i:(?:set-)?cookie|(?:private|job|deploy)-token|api-?key)"
                 R"(|x-[\w-]*(?:token|key|secret|password|auth|signature)))"},
    {"<authorization>", R"((?i:(?:proxy-)?authorization))"},
    {"<scheme>", R"((?i:(?:bearer|basic|token|digest|negotiate|apikey|key)[ \t]+)?)"},
    // options that end like a secret's name and have no value
    {"<flag>",
     R"((?i:no|ask|prompt|use|show|print|get|with|without|gen|generate|random|reset|require|disable|enable|allow|skip)"
     R"(|save|store|remember|update|change|rotate|revoke|create|delete|list|check|read|ignore))"},
    {"<token>",
     R"((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})"
     R"(|\bsk-[\w-]{20,}|\b[sr]k_(?:live|test)_\w{10,}|AIza[\w-]{35}|\bnpm_[A-Za-z0-9]{36}|\bhf_[A-Za-z0-9]{20,})"
     R"(|\bdo[opr]_v1_[a-f0-9]{20,}|\bdckr_pat_[\w-]{20,}|\bhvs\.[\w-]{20,}|\bpypi-[\w-]{40,}|\btskey-[\w-]{16,})"},

    // A value. In quotes up to the next one, if that ends a word, or to the end of an argument that was cut; what
    // follows a closing quote, as in `grep "password=" file`, is none.
    {"<end>", R"([^\w$/~-])"},
    {"<double>", R"re([$bfru]?"(?:((?:[^\s"\\\0]|\\[^\0])(?:[^"\\\0]|\\[^\0])*)"<end>)re"
                 R"re(|([^\s"\\;&|)\0](?:[^"\\\0]|\\[^\0])*)\\?\0))re"},
    {"<single>", R"([$bfru]?'(?:([^\s'\0][^'\0]*)'<end>|([^\s';&|)\0][^'\0]*)\0))"},
    {"<escaped>", R"(\\["']([^\s"'\\\0][^"'\\\0]*))"},
    {"<quoted>", R"((?:<double>|<single>|<escaped>))"},
    // Without quotes up to what ends a word in a shell, a URL or JSON; a comma only before the next NAME=VALUE.
    {"<pair>", R"(\$\{[\w:/.-]*\}|\\[^\s"'\0])"},
    {"<rest>", R"((?:<pair>|[^\s\0"'`;&|<>(){}\[\],\\])*(?:,[^\s\0"'`;&|<>(){}\[\],=:\\]+)*)"},
    {"<stop>", R"([\s\0"'`;&|<>(){}\[\],\\])"},
    {"<value>", R"re((?:<quoted>|((?:<pair>|[^\s\0"'`;&|<>(){}\[\],=\\])<rest>)<stop>))re"},

    {"<begin>", R"([\0\s"'`(])"},
    // Behind an option: the argument after it, or the word. What begins with a dash is the next option.
    {"<word after>", R"re(<quoted>|((?:<pair>|[^-\s\0"'`;&|<>(){}\[\],=\\])<rest>)<stop>)re"},
    {"<pair after>", R"((?:\0\0[^\0:]+:([^\0]+)|(?:[ \t]+|=)["']?[^\s\0:"']+:([^\s\0"']+)))"},
    {"<next>", R"((?:\0\0(?:pass:)?([^-\0][^\0]*)|[ \t]+(?:pass:)?(?:<word after>)))"},
};

constexpr struct {
  std::string_view programs, regex, unless = {};
} kPatterns[] = {
    // --password=VALUE: all of the argument
    {"", R"(\0\0-[\w.-]*<word>=([^\0]+))"},
    // NAME=VALUE and --env=NAME=VALUE the same, if no other NAME=VALUE follows
    {"", R"(\0\0(?:--?[\w-]+=)?[\w.-]*<word>=([^=\0][^\0]*))", R"(=[^\0]*[\s;&,][\w.\[\]-]+=)"},
    {"", R"(\0\0--(?:from-literal|env|build-arg)\0\0[\w.-]*<word>=([^=\0][^\0]*))"},
    // NAME=VALUE anywhere, NAME = VALUE, NAME => VALUE, NAME := VALUE
    {"", R"(<word>(?:\\?["'])?\]?(?:[:+]?=|[ \t]+[:+]?=>?[ \t]+|[ \t]*=>[ \t]*)<value>)"},
    // NAME: VALUE, "NAME":VALUE, NAME:"VALUE"; NAME:VALUE is rather a pair of something else
    {"", R"(<word>(?:\\?["']\]?[ \t]*:[ \t]*<value>|:[ \t]+<value>))"},
    {"", R"(<word>:<quoted>)"},
    {"", R"((?i)<[\w.:-]*<word>>([^<\0]+)</)"},

    // headers: all of an argument, else to the end of the line or the quotes
    {"", R"(\0\0(?:-H|--header=)?(?:<authorization>|<header>):[ \t]*<scheme>([^\0\r\n]+))"},
    {"", R"(\b(?:<authorization>[ \t]*[:=]|<header>[ \t]*:)[ \t]*(?:\\?["'`])?<scheme>([^\s\0"'`\\][^\0"'`\\\r\n]*))"},
    {"",
     R"(\b(?:<authorization>|<header>)\\?["'][ \t]*(?:[:,]|=>)[ \t]*\\?["'`]<scheme>([^\s\0"'`\\][^\0"'`\\\r\n]*))"},
    {"", R"((?i)\bbearer[ \t]+([\w.~+/=-]{16,}))"},

    // --password VALUE, -storepass VALUE, -passin pass:VALUE; config set NAME VALUE
    {"", R"(<begin>--?[\w.-]*(?:<word>|(?i:passin|passout|authorization))<next>)",
     R"(^[^-](?:--?<flag>[-_]|-[a-zA-Z]<word>[\0 \t]))"},
    {"", R"(\0\0set\0\0[\w.:/-]*<word>\0\0([^-\0][^\0]*))"},

    // URLs: the password, up to the last @ before the path; a name that can only be a token
    {"", R"(://[^/\s\0:@"']*:([^/\s\0"'`?#]+|[^/\s\0]+)@)", R"(^://[^:]*:(?:\d{1,5}[?#]|x-oauth-basic@))"},
    {"", R"(://([\w-]{20,})@)", R"(^://[a-zA-Z_-]+@)"},
    {"", R"(://([^/\s\0:@"']+):x-oauth-basic@)"},
    {"", R"([\w.-]:([^@\s\0"']+)@(?:tcp|unix)\()"},
    {"", R"((?i)[?&](?:x-[a-z]+-)?sig(?:nature)?=([^\s\0"'`&#]+))"},
    {"", R"(hooks\.slack\.com/services/([\w/]+))"},

    // what shows by its form alone
    {"", R"((<token>))"},
    {"", R"((eyJ[\w-]{4,}\.eyJ[\w-]{4,}\.[\w-]*))"},
    {"", R"(\bbot\d{6,}:([\w-]{30,}))"},
    {"", R"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?:\\+[nr]|[\sA-Za-z0-9+/])[^\0]*?)(?:-----END|\0))"},

    // options that mean a secret to some programs only
    {"curl", R"(<begin>(?:-[a-zA-Z]{0,5}[uU]|--(?:proxy-)?user)<pair after>)"},
    {"curl", R"(<begin>-u[^-\s\0:"'][^\s\0:"']*:([^\s\0"']+))"},
    {"curl", R"(<begin>(?:-b|--cookie)(?:\0\0([^=\0]+=[^\0]+)|[ \t]+["']?([^\s\0"'=]+=[^\0"']+)))"},
    {"https?", R"(<begin>(?:-a|--auth)<pair after>)"},
    {"sshpass", R"(<begin>-p<next>)"},
    {"sshpass", R"(\0\0-p([^\0]+)|\s-p<value>)"},
    {"(?:mysql|mariadb)(?:-?(?:dump|admin|import|show|check|slap|binlog))?", R"(\0\0-p([^\0]+)|\s-p<value>)"},
    {R"((?:docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|cf))"
     R"((?:(?:\0\0|[ \t]+)[^\s\0]+)*?(?:\0\0|[ \t]+)login)",
     R"(<begin>-p<next>)"},
    {"redis-cli", R"(<begin>-a<next>)"},
    {"mongo(?:sh|dump|restore|export|import)?|twine", R"(<begin>-p<next>)"},
    {"sqlcmd|bcp|zip|unzip|mosquitto_(?:pub|sub)", R"(<begin>-P<next>)"},
    {"ldap(?:search|add|modify|delete|passwd|whoami)", R"(<begin>-w<next>)"},
    {"7z[ar]?|7zz|rar|unrar", R"(\0\0-p([^\0]+)|\s-p<value>)"},
    {"openssl", R"(<begin>-[kK]<next>)"},
    {"smbclient|rpcclient", R"(<begin>(?:-U|--user)(?:\0\0|=|[ \t]+)["']?[^\s\0%]+%([^\s\0"']+))"},
    {"[wx]freerdp3?", R"(<begin>/p:([^\s\0]+))"},
    {"lftp", R"(<begin>-u(?:\0\0|[ \t]*)[^\s\0,]+,([^\s\0]+))"},
};

constexpr std::string_view kTriggers =
    R"(<word>|(?i:passin|passout|authorization|bearer)|<header>|://[^/\s\0]*@|@(?:tcp|unix)\()"
    R"(|(?i:[?&](?:x-[a-z]+-)?sig))"
    R"(|hooks\.slack|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|\bsk-|\b[sr]k_|AIza|\bnpm_|\bhf_|\bdo[opr]_v1)"
    R"(|\bdckr_|\bhvs\.|\bpypi-|\btskey-|eyJ|\bbot\d{6}|PRIVATE KEY)";

// Behind them the program is the next word, or one of the next arguments.
constexpr std::string_view kRunners =
    "sudo|doas|su|runuser|env|nice|ionice|nohup|timeout|time|setsid|stdbuf|strace|ltrace|xargs|watch|flock|unbuffer"
    R"(|chroot|nsenter|unshare|systemd-run|sshpass|ssh|(?:ba|da|z|k)?sh|python[\d.]*|perl|ruby|node)"
    R"(|(?:docker|podman|nerdctl|kubectl|oc)\0\0(?:[^\0]*\0\0)*?exec)";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

std::string expand(std::string_view pattern) {
  std::string regex(pattern);
  for (auto part = std::rbegin(kParts); part != std::rend(kParts); ++part) replace_all(regex, part->name, part->regex);
  return regex;
}

// Where one of them is run, by the arguments themselves or by a command string; ends with the byte behind the name.
std::string run_of(std::string_view programs) {
  if (programs.empty()) return "";
  std::string regex = R"((?:^\0\0(?:(?:[^\0]*/)?(?:<runners>)\0\0(?:[^\0]*\0\0)*?)?(?:[^\0]*/)?(?:<programs>)\0)"
                      R"(|[\0\s;&|(`"'](?:[^\s\0;&|(`"'=]*/)?(?:<programs>)[ \t]))";
  replace_all(regex, "<runners>", kRunners);
  replace_all(regex, "<programs>", programs);
  return regex;
}

}  // namespace

std::vector<SecretPattern> secret_patterns() {
  std::vector<SecretPattern> patterns;
  for (const auto& row : kPatterns)
    patterns.push_back({.programs = run_of(row.programs), .regex = expand(row.regex), .unless = expand(row.unless)});
  return patterns;
}

std::string secret_triggers() {
  std::string regex = expand(kTriggers) + R"(|\b(?:)";
  for (const auto& row : kPatterns)
    if (!row.programs.empty()) regex.append(row.programs).append("|");
  regex.back() = ')';
  return regex + R"([\0 \t])";
}

}  // namespace aa
