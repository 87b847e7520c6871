#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes a small vmlinux.h: the types of a list, with only the fields that the list names.

usage: generate.py TYPES.txt BTF >vmlinux.h        (BTF: /sys/kernel/btf/vmlinux, or a kernel image with .BTF)
"""
import json
import re
import subprocess
import sys

HEADER = """/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Made by `make vmlinux` from types.txt. Kernel types with the fields that are used; the loader finds their true places.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
"""
FOOTER = """
#pragma clang attribute pop

#endif"""


def read_list(path):
    """(kind, name) -> {arch: [fields]}, in the order of the list; arch '' is every one."""
    wanted, arch = {}, ""
    for line in open(path):
        line = line.split("#")[0].strip()
        if re.fullmatch(r"\[\w+\]", line):
            arch = line[1:-1]
        elif line:
            head, _, fields = line.partition(":")
            wanted.setdefault(tuple(head.split()), {}).setdefault(arch, []).extend(fields.split())
    return wanted


class Btf:
    def __init__(self, path):
        dump = subprocess.run(["bpftool", "-j", "btf", "dump", "file", path, "format", "raw"], check=True,
                              capture_output=True)
        self.types = {t["id"]: t for t in json.loads(dump.stdout)["types"]}
        self.by_name = {}
        for t in self.types.values():
            self.by_name.setdefault((t["kind"].lower(), t.get("name")), t)

    def member(self, record, field):
        """A member by name, also of anonymous structs and unions within."""
        for m in record["members"]:
            if m["name"] == field:
                return m
            inner = self.types[m["type_id"]] if m["name"] == "(anon)" else None
            found = inner and inner.get("members") and self.member(inner, field)
            if found:
                return found
        return None

    def declare(self, type_id, name):
        """A C declaration of `name`, with plain types for the kernel's own names of numbers."""
        if type_id == 0:
            return f"void {name}"
        t = self.types[type_id]
        kind = t["kind"]
        if kind in ("CONST", "VOLATILE", "RESTRICT", "TYPE_TAG"):
            return self.declare(t["type_id"], name)
        if kind == "TYPEDEF":
            return self.declare(t["type_id"], name)
        if kind == "PTR":
            target = self.types.get(t["type_id"])
            const = "const " if target and target["kind"] == "CONST" else ""
            if self.strip(t["type_id"]) == "FUNC_PROTO":
                return f"void *{name}"
            return const + self.declare(t["type_id"], f"*{name}")
        if kind == "ARRAY":
            return self.declare(t["type_id"], f"{name}[{t['nr_elems']}]")
        if kind == "INT":
            if t["name"] in ("char", "_Bool"):
                return f"{'bool' if t['name'] == '_Bool' else 'char'} {name}"
            return f"__{'s' if t['encoding'] == 'SIGNED' else 'u'}{t['size'] * 8} {name}"
        if kind in ("STRUCT", "UNION", "FWD"):
            if t["name"] == "(anon)":
                inner = " ".join(self.declare(m["type_id"], m["name"]) + ";" for m in t["members"])
                return f"{kind.lower()} {{ {inner} }} {name}"
            word = "union" if kind == "UNION" or t.get("fwd_kind") == "union" else "struct"
            return f"{word} {t['name']} {name}"
        if kind in ("ENUM", "ENUM64"):
            return f"__u{t['size'] * 8} {name}"
        raise SystemExit(f"cannot declare {name}: a {kind}")

    def strip(self, type_id):
        while type_id in self.types and self.types[type_id]["kind"] in ("CONST", "VOLATILE", "TYPEDEF"):
            type_id = self.types[type_id]["type_id"]
        return self.types[type_id]["kind"] if type_id in self.types else "VOID"

    def embedded(self, type_id):
        """The kind and name of the struct or union that a member holds by value (also in an array), or None."""
        while type_id and self.types[type_id]["kind"] in ("CONST", "VOLATILE", "TYPEDEF", "ARRAY"):
            type_id = self.types[type_id]["type_id"]
        t = self.types.get(type_id)
        record = t and t["kind"] in ("STRUCT", "UNION") and t["name"] != "(anon)"
        return (t["kind"].lower(), t["name"]) if record else None


def emit_enum(btf, name, values):
    t = btf.by_name[("enum", name)]
    known = {v["name"]: v["val"] for v in t["values"]}
    print(f"\nenum {name} {{")
    for value in values:
        print(f"\t{value} = {known[value]},")
    print("};")


def declare_given(kind, name):
    """A declaration of `name` with the type that the list gives: "__u64[31]", "struct.thread_info"."""
    kind, bracket, length = kind.replace(".", " ").partition("[")
    return f"{kind} {name}{bracket}{length}"


def emit_record(btf, wanted, key, done):
    """A struct or union; before it, those that it holds by value."""
    kind, name = key
    if key in done:
        return
    done.add(key)
    record = btf.by_name.get(key)
    if not record:
        raise SystemExit(f"this kernel has no {kind} {name}")
    lines = []
    for arch, fields in wanted[key].items():
        if arch:
            lines.append(f"#if defined(__TARGET_ARCH_{arch})")
        for field in fields:
            field, given, type_name = field.partition("=")
            if given:
                lines.append(f"\t{declare_given(type_name, field)};")
                continue
            m = btf.member(record, field)
            if not m:
                raise SystemExit(f"{kind} {name} has no field {field}")
            inner = btf.embedded(m["type_id"])
            if inner:
                emit_record(btf, wanted, inner, done)
            lines.append(f"\t{btf.declare(m['type_id'], field)};".replace("* ", "*"))
        if arch:
            lines.append("#endif")
    print("\n" + "\n".join([f"{kind} {name} {{", *lines, "};"]))


def main():
    wanted, btf = read_list(sys.argv[1]), Btf(sys.argv[2])
    print(HEADER, end="")
    done = set()
    for (kind, name), fields in wanted.items():
        if kind == "enum":
            emit_enum(btf, name, fields[""])
        else:
            emit_record(btf, wanted, (kind, name), done)
    print(FOOTER)


main()
