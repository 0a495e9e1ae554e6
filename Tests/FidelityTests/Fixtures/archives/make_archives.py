"""Archives and arrays of every shape NumPy may meet, with NumPy's own answer to each question.

Writes archives.json beside this file: a list of {"about", "bytes" (base64), "array" (the name asked
for, null for a plain .npy file), "sound" (whether nothing in it is damaged or unusual), and either
"shape" and "values" (NumPy's answer, as float64) or "refused" (why NumPy gives no such array)}.
A reader must give NumPy's answer where the file is sound, and that or a refusal elsewhere.

Made with NumPy 2.4.6 and Python 3.11: python3 make_archives.py
"""

import base64
import io
import json
import random
import warnings
import zipfile
from pathlib import Path

import numpy as np
import numpy.lib._format_impl as plain
from numpy.lib import format as npy

warnings.simplefilter("ignore")
rng = random.Random(20241)
TYPES = ["<f4", "<f8", ">f4", ">f8", "<f4", "<f8"] * 2 + ["<i4", "|b1", "<c8", "<f2"]
SPELLINGS = {
    "<f8": ["f8", "float64", "d", "|f8", "=f8", "<d", "=d", "|d", "double", "float"],
    "<f4": ["f4", "float32", "f", "|f4", "=f4", "<f", "=f", "|f", "single"],
    ">f8": [">d"], ">f4": [">f"],
}
STRANGE = ["<float64", "f8 ", "F8", "1f8", "f8,", "float16", "<f08", "(1,)f8", "", "Float64", "half", "g"]
SHAPES = [(), (0,), (1,), (3,), (2, 2), (3, 0, 2), (2, 1, 3), (1, 1)]
NAMES = ["a.npy", "b.npy", "a", "grads", "a.npy.npy", "dir/a.npy", "dir/deep/b.npy", "layer:0.npy",
         "A.NPY", "é.npy", "e\u0301.npy", "x y.npy", ".npy", "a.", "ü", "dir/"]


def header(array, descr=None, version=None, form="plain"):
    "A header as NumPy writes it, or with one thing changed."
    info = npy.header_data_from_array_1_0(array)
    if descr is not None:
        info["descr"] = descr
    if form == "plain":
        out = io.BytesIO()
        plain._write_array_header(out, info, version)
        return out.getvalue()
    text = {
        "tight": "{'descr':%r,'fortran_order':%r,'shape':%r}",
        "double": '{"descr": "%s", "fortran_order": %r, "shape": %r, }',
        "spaced": "  { 'descr' : %r , 'fortran_order' : %r ,\n 'shape' : %r , }  ",
        "long": "{'descr': %r, 'fortran_order': %r, 'shape': %r, }",
        "twice": "{'shape': (9,), 'descr': %r, 'fortran_order': %r, 'shape': %r, }",
        "extra": "{'descr': %r, 'fortran_order': %r, 'shape': %r, 'x': 1}",
    }[form] % ((info["descr"] if form == "double" else info["descr"]), info["fortran_order"],
               info["shape"])
    if form == "long":
        text = text.replace(",)", "L,)").replace(", 1", ", 1L")
    body = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def array_bytes():
    "One .npy file, what it is, and whether it is sound."
    kind, shape = rng.choice(TYPES), rng.choice(SHAPES)
    values = np.array([rng.randint(-64, 64) / 8 for _ in range(int(np.prod(shape)))]).reshape(shape)
    array = values.astype(kind)
    if rng.random() < 0.4:
        array = np.asfortranarray(array)
    choice = rng.random()
    sound = array.dtype.kind == "f" and array.dtype.itemsize in (4, 8)
    version = rng.choice([None, (1, 0), (2, 0), (3, 0)])
    data = array.tobytes(order="F" if npy.header_data_from_array_1_0(array)["fortran_order"] else "C")
    if choice < 0.5:
        return header(array, version=version) + data, f"{kind} {shape}", sound
    if choice < 0.7:
        descr = rng.choice(SPELLINGS.get(kind, STRANGE))
        return header(array, descr, version) + data, f"descr {descr} {shape}", sound
    if choice < 0.78:
        descr = rng.choice(STRANGE)
        return header(array, descr, version) + data, f"descr {descr} {shape}", False
    if choice < 0.9:
        form = rng.choice(["tight", "double", "spaced", "long", "twice", "extra"])
        return (header(array, form=form) + data, f"header {form} {kind} {shape}",
                sound and form in ("tight", "double"))
    if choice < 0.95:
        return header(array) + data + b"\0\0", f"trailing bytes {kind} {shape}", False
    return (header(array) + data)[:-1], f"cut {kind} {shape}", False


class Unseekable(io.BytesIO):
    "Makes zipfile write data descriptors."

    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError

    def tell(self):
        raise OSError


def archive():
    out = Unseekable() if rng.random() < 0.3 else io.BytesIO()
    about, names, sound = [], [], True
    with zipfile.ZipFile(out, "w") as zipped:
        for _ in range(rng.choice([1, 1, 2, 2, 3, 5])):
            name = rng.choice(NAMES) if rng.random() < 0.7 or not names else rng.choice(names)
            names.append(name)
            if name.endswith("/"):
                zipped.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), b"")
                continue
            data, what, good = array_bytes()
            if rng.random() < 0.1:
                data, what, good = b"just text", "text", False
            method = rng.choice([zipfile.ZIP_STORED] * 6 + [zipfile.ZIP_DEFLATED] * 6
                                + [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
            good = good and method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = method
            if rng.random() < 0.2:
                info.extra = b"\x99\x99\x04\x00abcd"
            wide = rng.random() < 0.4
            with zipped.open(info, "w", force_zip64=wide) as member:
                member.write(data)
            about.append(f"{name}: {what}, method {method}{', zip64' if wide else ''}")
            sound = sound and good
        if rng.random() < 0.15:
            zipped.comment = rng.choice([b"made by hand", b"PK\x05\x06" + bytes(18)])
    return out.getvalue(), names, about, sound


def wide_end(data):
    "The same archive with a ZIP64 end and sizes in ZIP64 fields."
    old = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 40, 0
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
            for info in source.infolist():
                with target.open(zipfile.ZipInfo(info.filename, info.date_time), "w",
                                 force_zip64=True) as member:
                    member.write(source.read(info))
    finally:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = old
    return out.getvalue()


def mutated(data):
    bytes_ = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        choice, place = rng.random(), rng.randrange(len(bytes_))
        if choice < 0.6:
            bytes_[place] = rng.randrange(256)
        elif choice < 0.75:
            del bytes_[place]
        elif choice < 0.85:
            bytes_.insert(place, rng.randrange(256))
        elif choice < 0.93:
            bytes_ = bytes_ + bytes(rng.randrange(1, 9))
        else:
            bytes_ = bytes_[: max(1, place)]
    return bytes(bytes_)


def answer(data, name):
    "What NumPy gives: an array of float32 or float64, or a reason."
    try:
        loaded = np.load(io.BytesIO(data), allow_pickle=False)
        if name is not None:
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                return None, "no archive"
            loaded = loaded[name]
        if not isinstance(loaded, np.ndarray):
            return None, type(loaded).__name__
        if loaded.dtype.kind != "f" or loaded.dtype.itemsize not in (4, 8):
            return None, f"dtype {loaded.dtype.str}"
        return loaded, None
    except Exception as error:
        return None, type(error).__name__


def case(about, data, name, sound):
    loaded, reason = answer(data, name)
    entry = {"about": about, "bytes": base64.b64encode(data).decode(), "array": name}
    if loaded is None:
        entry |= {"refused": reason, "sound": False}
    else:
        values = loaded.astype("<f8")
        finite = bool(np.isfinite(values).all())
        entry |= {"shape": list(loaded.shape), "sound": sound and finite,
                  "values": [repr(float(v)) for v in values.ravel(order="C")]}
    return entry


def main():
    cases = []
    for _ in range(150):
        data, about, sound = array_bytes()
        cases.append(case(about, data, None, sound))
    for index in range(260):
        data, names, about, sound = archive()
        what = "; ".join(about)
        if index % 7 == 3 and sound:
            data, what = wide_end(data), "zip64 end: " + what
        if index % 11 == 5:
            data, what = data + data, "two archives joined: " + what
            sound = False
        if index % 3 == 2:
            data, what, sound = mutated(data), "mutated: " + what, False
        wanted = rng.choice(names)
        if rng.random() < 0.7:
            wanted = wanted.removesuffix(".npy")
        if rng.random() < 0.05:
            wanted = "missing"
        cases.append(case(what, data, wanted, sound))
    path = Path(__file__).with_name("archives.json")
    path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(len(cases), "cases,", sum("values" in c for c in cases), "read by NumPy,",
          sum(c["sound"] for c in cases), "sound,", path.stat().st_size, "bytes")


main()
