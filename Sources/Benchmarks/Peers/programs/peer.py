"""Runs one peer program: `peer.py WORKLOAD --form FORM`, JSON lines on standard output.

README.md beside the driver says what the workloads and forms are.
"""

from __future__ import annotations

import argparse
import os

SINGLE = "--xla_cpu_multi_thread_eigen=false"

VAE_FORMS = ("each", "shared", "covariance")
FORMS = {
    "w1": ("closed", "loop"),
    "w2": ("closed", "loop"),
    "w2-exact": ("split",),
    "w3": (*VAE_FORMS, "loop"),
    "w4": ("closed",),
    "w5": VAE_FORMS,
    "w5-sampled": VAE_FORMS,
}


def shape(text: str) -> tuple[int, int]:
    """Latents and categories from text such as 8x4."""
    latents, _, categories = text.partition("x")
    pair = int(latents), int(categories)
    if min(pair) < 1:
        raise ValueError
    return pair


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workload", choices=FORMS)
    parser.add_argument("--form", required=True)
    parser.add_argument("--estimators", default="", help="names, with commas; default: all")
    parser.add_argument("--shape", type=shape, default=(8, 4), help="w3: latents x categories")
    parser.add_argument("--power", type=float, choices=(1.5, 2.0, 3.0), default=2.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    parser.add_argument("--estimates", type=int, help="fewer than the workload's, for trials")
    parser.add_argument("--block", type=int, help="estimates in one step of w3 and w5")
    options = parser.parse_args()
    forms = FORMS[options.workload]
    if options.form not in forms:
        parser.error(f"--form: {options.workload} has {', '.join(forms)}, not '{options.form}'")
    return options


def main() -> None:
    """Loads the framework that the form needs and runs the workload."""
    options = arguments()
    names = [name for name in options.estimators.split(",") if name]
    if options.form == "loop":
        import torch_loop

        torch_loop.run(options, names)
        return
    if options.threads == 1:
        os.environ.setdefault("XLA_FLAGS", SINGLE)
    if options.workload in ("w1", "w2"):
        import jax_toys

        jax_toys.run(options.workload, options.power, options.repeats, names)
    elif options.workload == "w2-exact":
        import jax_quadratic_exact

        jax_quadratic_exact.run(options.repeats)
    elif options.workload == "w4":
        import jax_vae_exact

        jax_vae_exact.run(options.repeats)
    else:
        import jax_vae

        jax_vae.run(options, names)


if __name__ == "__main__":
    main()
