"""Reads a checkpoint by the description in Sources/Models/README.md, in plain Python.

python3 read_checkpoint.py FILE [PIXELS...]

Prints the header and the sizes of the tensors as JSON; with the pixels of an image (bytes 0 to 255),
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


def read(data):
    magic = data[:8].decode()
    names = ["version", "bytes", "pixels", "hidden1", "hidden2", "latents", "categories"]
    if magic == "GFVQAUTO":
        names.append("dimension")
    elif magic != "GFCATVAE":
        raise ValueError("no checkpoint")
    if int.from_bytes(data[-8:], "little") != fnv1a(data[:-8]):
        raise ValueError("damaged")
    end = 8 + 4 * len(names)
    words = array.array("I", data[8:end])
    numbers = array.array({4: "f", 8: "d"}[words[1]], data[end:-8])
    if sys.byteorder == "big":
        words.byteswap(), numbers.byteswap()
    head = dict(zip(names, words))
    if head["version"] != 1:
        raise ValueError("another version")
    width = head["latents"] * head.get("dimension", head["categories"])
    sizes = [head["pixels"], head["hidden1"], head["hidden2"], width]
    tensors = []
    for network, units in [("encoder", sizes), ("decoder", sizes[::-1])]:
        for layer, (inputs, outputs) in enumerate(zip(units, units[1:]), 1):
            tensors.append((f"{network}.{layer}.weights", [inputs, outputs]))
            tensors.append((f"{network}.{layer}.biases", [outputs]))
    if "dimension" in head:
        tensors.append(("codes", [head["categories"], head["dimension"]]))
    found, place = {}, 0
    for name, shape in tensors:
        count = math.prod(shape)
        found[name] = (shape, numbers[place:place + count])
        place += count
    if place != len(numbers) or not all(map(math.isfinite, numbers)):
        raise ValueError("another number of numbers, or some that are not finite")
    return head, found


def encoded(tensors, pixels):
    values = [pixel / 255 for pixel in pixels]
    for layer in (1, 2, 3):
        (inputs, outputs), weights = tensors[f"encoder.{layer}.weights"]
        biases = tensors[f"encoder.{layer}.biases"][1]
        values = [biases[o] + math.fsum(values[i] * weights[i * outputs + o] for i in range(inputs))
                  for o in range(outputs)]
        if layer < 3:
            values = [max(v, 0) for v in values]
    return values


def main():
    head, tensors = read(open(sys.argv[1], "rb").read())
    shown = {"head": head, "shapes": {name: shape for name, (shape, _) in tensors.items()}}
    if len(sys.argv) > 2:
        shown["encoded"] = encoded(tensors, [int(text) for text in sys.argv[2:]])
    print(json.dumps(shown))


main()
