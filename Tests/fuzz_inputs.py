"""Runs the program on mutated files and command lines: no signal, no hang, no gigabyte.

python3 Tests/fuzz_inputs.py PROGRAM [--cases N] [--seed S] [--only KIND]

Kinds: npz, gzip, idx, json, yaml, words. Mutations depend on the seed and the case alone. A case fails
where the program ends by a signal, with an undocumented code, after 20 s, above 1 GB, with a raw control
character in a message, or with a failure and no message. Failing inputs are kept in fuzz-found/.
"""

import argparse
import gzip
import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CODES = {0, 1, 3, 4, 5, 64, 65, 130, 143}
STUDY = b"""format: 1
name: toy
seed: 3
problems:
  - kind: json
    file: p.json
    states: [initial]
estimators:
  - kind: st
    tau: [0.5, 1.0]
  - kind: reinforce-loo
    samples: 2
target: {kind: auto, draws: 64}
measure: {draws: 64, blocks: 8, per-draw-samples: 8, at: [logits], level: 0.95}
"""
COST = b"""{"name": "x", "phi": [[0.5, -1], [1e-1, 2.25]],
 "cost": {"type": "table", "values": [1, 2, 3.5, -4], "gradients": null}}"""
MNIST = b"""format: 1
name: images
problems:
  - kind: categorical-vae
    hidden-1: 8
    hidden-2: 8
    rows: 2
    categories: 2
    latents: 2
    data: mnist
estimators:
  - kind: st
"""


def npy(values, shape, descr="<f8"):
    import struct
    text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n" % (descr, shape)
    body = struct.pack("<%dd" % len(values), *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, method in [("g.npy", 0), ("samples.npy", 8)]:
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = method
            with zipped.open(info, "w", force_zip64=True) as member:
                member.write(npy([((i * 7) % 11) / 3 for i in range(24)], "(8, 3)"))
    return out.getvalue()


def idx(count=3):
    return (bytes([0, 0, 8, 3]) + count.to_bytes(4, "big") + (28).to_bytes(4, "big") * 2
            + bytes(i % 251 for i in range(784 * count)))


PIECES = {
    "npz": [b"\xff\xff\xff\xff", b"PK\x05\x06", b"PK\x01\x02", b"PK\x06\x06", b"\0" * 8, b"'<f8'", b"(8, 3)",
            b"99999999999", b"\xff" * 8, b"\x7f"],
    "gzip": [b"\x1f\x8b", b"\x1f\x8b\x08\0", b"\0" * 9, b"\xff\xff", b"\x01"],
    "idx": [b"\0\0\x08\x03", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0"],
    "json": [b"[", b"]", b"{", b"}", b"\"", b",", b":", b"01", b"1e999", b"NaN", b"\\ud800", b"\xff", b"\x1b", b"-",
             b"[" * 100, b"\"cost\"", b"1e-999", b"null", b"1" * 400],
    "yaml": [b"&a ", b"*a", b"[", b"]", b"{", b"}", b": ", b"- ", b"\n", b"\t", b"\xff", b"\x1b", b"1e30", b"!!int ",
             b"|\n", b">\n", b"---\n", b"'", b"\"", b"#", b"99999999999999999999", b"\xe2\x80\xae", b"<<: ", b"? "],
}
WORDS = ["init", "check", "plan", "run", "status", "list", "describe", "query", "export", "verify", "measure",
         "compare", "budget", "help", "toy", "toy.yaml", "-", "--", "---", "", " ", "/", ".", "..", "\x1b[2J", "\u202e",
         "a\nb", "--store", ":memory:", "file:x", "/dev/full", "/dev/zero", "/dev/null", "--jobs", "1", "-1", "0",
         "99999999999999999999", "1e30", "nan", "--only", "estimator=st", "foo=bar", ",", "=", "--format", "csv",
         "table", "json", "jsonl", "markdown", "--to", "out", "p.json", "--samples", "--reference",
         "--reference-samples", "x.npz", "x.npz:g", "x.npz:", ":", "x.npz:g:h", "--golden", "--groups", "--name", "-x",
         "--label", "--calls", "--blocks", "--level", "0.5", "--array", "--matrix", "--metric", "rel_bias", "st",
         "--scope", "logits", "--budgets", "1,,2", "--show", "best", "SELECT 1", "SELECT 'a", "SELECT \"x\"",
         "--schema", "-p", "a=b", "--quiet", "--help", "--version", "é\u0301🎲", "x" * 5000, "%n%s", "$HOME", "estimators",
         "studies", "problems", "--folder", "--margin", "--fail-if", "worse", "-h", "reinforce-loo"]


def mutated(rng, data, pieces):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3, 6])):
        place = rng.randrange(len(data) + 1)
        kind = rng.random()
        if kind < 0.25 and place < len(data):
            data[place] = rng.randrange(256)
        elif kind < 0.4:
            del data[place:place + rng.choice([1, 1, 4, 30])]
        elif kind < 0.75:
            piece = rng.choice(pieces)
            if rng.random() < 0.5:
                data[place:place] = piece
            else:
                data[place:place + len(piece)] = piece
        elif kind < 0.85:
            end = place + rng.randrange(1, 40)
            data[place:place] = data[place:end] * rng.choice([1, 1, 30])
        elif kind < 0.93:
            data = data[:place]
        else:
            data += bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40)))
    return bytes(data)


def limits():
    # the code and the maths library are mapped too; resident memory is checked afterwards
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def run(program, arguments, folder, stdin=b""):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRADFID_")}
    environment |= {"SWIFT_BACKTRACE": "enable=no", "GRADFID_DATA": str(folder / "data"),
                    "OPENBLAS_NUM_THREADS": "1"}
    with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
        process = subprocess.Popen([program, *arguments], cwd=folder, env=environment, preexec_fn=limits,
                                   stdin=subprocess.PIPE, stdout=out, stderr=err)
        try:
            process.stdin.write(stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.alarm(20)
        _, status, usage = os.wait4(process.pid, 0)
        signal.alarm(0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, (folder / "err").read_bytes(), usage.ru_maxrss / 1e6


def verdict(code, errors, gigabytes):
    if code < 0:
        return f"ended by signal {-code}"
    if code not in CODES:
        return f"undocumented code {code}"
    if gigabytes > 1:
        return f"{gigabytes:.2f} GB"
    if code != 0 and not errors:
        return f"code {code} without a message"
    if any(byte < 32 and byte != 10 or byte == 127 for byte in errors):
        return "a control character in a message"
    return None


def case(kind, rng, folder):
    "Writes the files of a case; the arguments and the standard input."
    store = ["--store", "s.sqlite"]
    if kind == "npz":
        (folder / "x.npz").write_bytes(mutated(rng, archive(), PIECES["npz"]))
        (folder / "r.npy").write_bytes(npy([0.5, 1, 2], "(3,)"))
        name = rng.choice(["x.npz", "x.npz:g", "x.npz:samples", "x.npz:g.npy", "x.npz:h"])
        reference = rng.choice([["--reference", "r.npy"], ["--reference-samples", "x.npz:samples"]])
        return ["measure", "--samples", name, *reference, *store], b""
    if kind in ("gzip", "idx"):
        (folder / "data").mkdir(exist_ok=True)
        for old in (folder / "data").iterdir():
            old.unlink()
        if kind == "idx":
            (folder / "data/t10k-images-idx3-ubyte").write_bytes(mutated(rng, idx(), PIECES["idx"]))
        else:
            whole = idx()
            cut = rng.randrange(len(whole))
            packed = gzip.compress(whole[:cut], mtime=0) + gzip.compress(whole[cut:], mtime=0)
            (folder / "data/t10k-images-idx3-ubyte.gz").write_bytes(mutated(rng, packed, PIECES["gzip"]))
        (folder / "toy.yaml").write_bytes(MNIST)
        return ["check", "toy.yaml", *store], b""
    if kind == "json":
        (folder / "p.json").write_bytes(mutated(rng, COST, PIECES["json"]))
        (folder / "toy.yaml").write_bytes(STUDY)
        return ["check", "toy.yaml", *store], b""
    if kind == "yaml":
        (folder / "p.json").write_bytes(COST)
        text = mutated(rng, STUDY, PIECES["yaml"])
        if rng.random() < 0.5:
            return ["check", "-", *store], text
        (folder / "toy.yaml").write_bytes(text)
        return [rng.choice(["check", "run"]), "toy.yaml", "--jobs", "1", *store][:5] + store, b""
    (folder / "p.json").write_bytes(COST)
    (folder / "toy.yaml").write_bytes(STUDY)
    words = [word.replace("\0", "") for word in rng.choices(WORDS, k=rng.randrange(6))]
    # the coverage study and the benches take minutes by design
    return [rng.choice(WORDS[:14]), *words], STUDY if rng.random() < 0.5 else b""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    options = parser.parse_args()
    program = str(Path(options.program).resolve())
    kinds = [options.only] if options.only else ["npz", "gzip", "idx", "json", "yaml", "words"]
    found, codes, largest = 0, {}, 0
    for kind in kinds:
        for number in range(options.cases):
            rng = random.Random(f"{options.seed} {kind} {number}")
            folder = Path(tempfile.mkdtemp(prefix="gradfid-fuzz-"))
            arguments, stdin = case(kind, rng, folder)
            outcome = run(program, arguments, folder, stdin)
            codes[kind, outcome[0]] = codes.get((kind, outcome[0]), 0) + 1
            largest = max(largest, outcome[2])
            problem = verdict(*outcome)
            if problem:
                found += 1
                kept = Path("fuzz-found") / f"{kind}-{options.seed}-{number}"
                shutil.copytree(folder, kept, dirs_exist_ok=True)
                (kept / "stdin").write_bytes(stdin)
                print(f"{kind} {number}: {problem}: {arguments!r}: {outcome[1][:300]!r}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
    for (kind, code), count in sorted(codes.items()):
        print(f"{kind}: code {code}: {count}")
    print(f"{found} failures; largest resident memory {largest:.2f} GB")
    sys.exit(1 if found else 0)


main()
