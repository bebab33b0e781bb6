#!/usr/bin/env python3
"""Checks an export of the journal by docs/audit-format.md, with nothing but Python's standard library.

    verify.py EXPORT --key PUBLIC.pem [--checkpoint KEPT]

Writes one JSON object and ends with 0 (nothing is wrong), 3 (something is) or 2 (the kept checkpoint is of no use).
"""
import argparse
import base64
import hashlib
import json
import sys
from datetime import datetime

MAX_LINE_BYTES = 2 * 1024 * 1024
ZEROS = "0" * 64
SHAPES = {
    "header": {"format": int, "origin": str},
    "fact": {"position": int, "account": str, "version": int, "before": str, "hash": str, "bytes": str},
    "checkpoint": {"note": str},
    "trailer": {"facts": int, "root": str},
}

# Ed25519 as RFC 8032 has it, on the curve -x^2 + y^2 = 1 + d x^2 y^2, in extended coordinates.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    """The sum of two points."""
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    """A point, added to itself so many times."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point_of(packed):
    """The point with these 32 bytes, or None."""
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    """True when the signature over the text was made with the key."""
    public, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or public is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + text).digest()
    left, right = times(s, BASE), add(r, times(int.from_bytes(digest, "little") % ORDER, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def instant(text):
    """A time that can be compared: to the second, and the rest in nanoseconds."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(whole), int((fraction or "0").ljust(9, "0"))


def read_note(note, key):
    """What a checkpoint says, or why it is of no use: `form`, `changed`, `other key`."""
    try:
        text, signatures = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :]
        origin, size, root, time = text.splitlines()
        read = {"origin": origin, "size": int(size), "root": base64.b64decode(root, validate=True).hex()}
        read["at"], written = instant(time.removeprefix("time ")), time.removeprefix("time ")
        if text != f"{origin}\n{read['size']}\n{root}\ntime {written}\n" or len(read["root"]) != 64:
            return None, "form"
    except ValueError:
        return None, "form"
    key_id = hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    for line in signatures.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if mark == "\u2014" and name == origin and signature[:4] == key_id:
            return (read, None) if is_signed(key, text.encode(), signature[4:]) else (None, "changed")
    return None, "other key"


class Tree:
    """The tree of RFC 6962 by its right edge."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, leaf):
        """Adds a leaf."""
        digest, size = hashlib.sha256(b"\0" + leaf).digest(), self.size
        while size & 1:
            digest, size = hashlib.sha256(b"\1" + self.peaks.pop() + digest).digest(), size >> 1
        self.peaks.append(digest)
        self.size += 1

    def root(self):
        """The root, in hexadecimal."""
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        digest = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            digest = hashlib.sha256(b"\1" + left + digest).digest()
        return digest.hex()


class Check:
    """Reads an export line by line."""

    def __init__(self, key, kept):
        self.key, self.kept = key, kept
        self.tree, self.accounts, self.findings = Tree(), {}, []
        self.line, self.position, self.ended, self.proven = 0, 0, False, False
        self.origin = self.latest = self.last_checkpoint = None

    def found(self, what):
        """Notes something that is wrong."""
        self.findings.append({"line": self.line, "what": what})

    def read(self, raw):
        """Takes one line."""
        self.line += 1
        try:
            ((kind, body),) = json.loads(raw).items()
            shape = SHAPES[kind]
            if set(body) != set(shape) or any(type(body[name]) is not shape[name] for name in shape):
                raise ValueError
        except (ValueError, AttributeError, KeyError, TypeError):
            kind, body = None, None
        if self.line == 1:
            return self.header(body) if kind == "header" else self.found("there is no header")
        if self.ended:
            return self.found("a line follows the end")
        if kind not in ("fact", "checkpoint", "trailer"):
            return self.found("the line can't be understood")
        return getattr(self, kind)(body)

    def header(self, body):
        """The first line."""
        if body["format"] != 1:
            return self.found("the form is unknown")
        self.origin = body["origin"]
        if self.kept and self.kept["origin"] != self.origin:
            self.found("it is of another store")
        return None

    def fact(self, body):
        """A fact."""
        if body["position"] != self.position + 1:
            self.found("a position is missing or moved")
        self.position = body["position"]
        version, last, last_at = self.accounts.get(body["account"], (0, ZEROS, None))
        if body["version"] != version + 1:
            self.found("a fact of the account is missing or moved")
        elif body["before"] != last:
            self.found("it does not follow on the fact before it")
        digest = hashlib.sha256(bytes.fromhex(body["before"]) + body["bytes"].encode()).digest()
        if digest.hex() != body["hash"]:
            self.found("it was edited")
        at = last_at
        try:
            said = json.loads(body["bytes"])
            if (said["account"], said["version"]) != (body["account"], body["version"]):
                raise ValueError
            at = instant(said["at"])
        except (ValueError, KeyError, TypeError):
            self.found("it says of itself that it is something else")
        if last_at and at < last_at:
            self.found("the clock was set back")
            at = last_at
        if at:
            self.latest = max(at, self.latest or at)
        self.accounts[body["account"]] = (body["version"], body["hash"], at)
        self.tree.push(digest)
        self.compare_kept()

    def checkpoint(self, body):
        """A checkpoint in its place."""
        read, why = read_note(body["note"], self.key)
        if why:
            return self.found(f"the checkpoint is of no use: {why}")
        if self.origin is not None and self.origin != read["origin"]:
            self.found("it is of another store")
        if read["size"] != self.tree.size:
            self.found("facts were removed or put in")
        elif read["root"] != self.tree.root():
            self.found("these are not the facts that were signed")
        if any(earlier and read["at"] < earlier for earlier in (self.last_checkpoint, self.latest)):
            self.found("the clock was set back")
        self.last_checkpoint = read["at"]
        return None

    def trailer(self, body):
        """The last line."""
        self.ended = True
        if body["facts"] != self.tree.size:
            self.found("facts were removed or put in")
        elif body["root"] != self.tree.root():
            self.found("these are not the facts that were there")

    def compare_kept(self):
        """Compares with the kept checkpoint when as many facts were read as it covers."""
        if self.kept and self.kept["size"] == self.tree.size:
            self.proven = self.kept["root"] == self.tree.root()
            if not self.proven:
                self.found("the journal was written anew")

    def end(self):
        """What was found."""
        if not self.ended:
            self.found("the end is missing")
        if self.kept and self.kept["size"] > self.tree.size:
            self.found("the end was cut off")
        proven = self.proven and not self.findings
        counts = {"facts": self.tree.size, "accounts": len(self.accounts), "root": self.tree.root()}
        return counts | {"proven": proven, "findings": self.findings}


def main():
    """Reads the arguments, checks, reports."""
    parser = argparse.ArgumentParser()
    parser.add_argument("export")
    parser.add_argument("--key", required=True)
    parser.add_argument("--checkpoint")
    asked = parser.parse_args()
    with open(asked.key, encoding="ascii") as pem:
        # A public key in PEM form ends with its 32 bytes.
        key = base64.b64decode("".join(line for line in pem.read().split("\n") if "-" not in line))[-32:]
    kept = None
    if asked.checkpoint:
        with open(asked.checkpoint, encoding="utf-8", newline="") as note:
            kept, why = read_note(note.read(), key)
        if why:
            print(json.dumps({"error": f"the kept checkpoint is of no use: {why}"}))
            return 2
    check = Check(key, kept)
    with open(asked.export, "rb") as export:
        while raw := export.readline(MAX_LINE_BYTES):
            while not raw.endswith(b"\n") and (rest := export.readline(MAX_LINE_BYTES)):
                raw = b"too long" if not rest.endswith(b"\n") else b"too long\n"
            check.read(raw)
    report = check.end()
    print(json.dumps(report))
    return 3 if report["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
