"""Runs one peer program: `peer.py WORKLOAD --form FORM`, JSON lines on standard output.

Forms: `closed` (jax: w1, w2, w4), `split` (jax: w2-exact), `each` and `shared` (jax: w3, w5,
w5-sampled), `loop` (torch: w1, w2, w3).
"""

from __future__ import annotations

import argparse
import os

SINGLE = "--xla_cpu_multi_thread_eigen=false"
WORKLOADS = ("w1", "w2", "w2-exact", "w3", "w4", "w5", "w5-sampled")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument(
        "--form", choices=("closed", "split", "each", "shared", "loop"), required=True
    )
    parser.add_argument("--estimators", default="", help="names, with commas; default: all")
    parser.add_argument("--shape", default="8x4", help="w3: latents x categories")
    parser.add_argument("--power", type=float, choices=(1.5, 2.0, 3.0), default=2.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    parser.add_argument("--estimates", type=int, help="fewer than the workload's, for trials")
    parser.add_argument("--block", type=int, help="estimates in one step of `each` and `shared`")
    return parser.parse_args()


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
