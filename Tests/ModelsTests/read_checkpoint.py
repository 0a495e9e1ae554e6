"""Reads a checkpoint by the description in Sources/Models/README.md, in plain Python.

python3 read_checkpoint.py FILE [PIXELS...]

Prints the metadata and the sizes of the tensors as JSON; with the pixels of an image (bytes 0 to 255),
the output of the encoder too: the logits [D][K] of a categorical VAE, or z_e [D][d].
"""

import array
import json
import math
import sys


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def encoded(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def read(data):
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    metadata = header["__metadata__"]
    stored = metadata.pop("fnv1a")
    if int(stored, 16) != fnv1a(encoded(header, body)):
        raise ValueError("damaged")
    del header["__metadata__"]
    found = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        numbers = array.array({"F32": "f", "F64": "d"}[entry["dtype"]], body[first:last])
        if sys.byteorder == "big":
            numbers.byteswap()
        if len(numbers) != math.prod(entry["shape"]) or not all(map(math.isfinite, numbers)):
            raise ValueError("another number of numbers, or some that are not finite")
        found[name] = (entry["shape"], numbers)
    return metadata, found


def through_encoder(tensors, pixels):
    values = [pixel / 255 for pixel in pixels]
    for layer in (1, 2, 3):
        (inputs, outputs), weights = tensors[f"encoder.{layer}.weight"]
        biases = tensors[f"encoder.{layer}.bias"][1]
        values = [biases[o] + math.fsum(values[i] * weights[i * outputs + o] for i in range(inputs))
                  for o in range(outputs)]
        if layer < 3:
            values = [max(v, 0) for v in values]
    return values


def main():
    metadata, tensors = read(open(sys.argv[1], "rb").read())
    shown = {"metadata": metadata, "shapes": {name: shape for name, (shape, _) in tensors.items()}}
    if len(sys.argv) > 2:
        shown["encoded"] = through_encoder(tensors, [int(text) for text in sys.argv[2:]])
    print(json.dumps(shown))


main()
