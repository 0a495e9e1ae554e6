# Two commands do all the set-up, each by itself: `make quickstart` and `make test`.

PACKAGES := libopenblas-dev libsqlite3-dev libssl-dev zlib1g-dev
STORE ?= gradfid.sqlite
GRADFID := .build/release/gradfid

.PHONY: quickstart test verify bench bench-peers build packages format lint clean

# Builds, runs the main study and shows its table.
quickstart: build
	$(GRADFID) run studies/quickstart --store $(STORE)

build: packages
	@[ -x $(GRADFID) ] || echo "building gradfid: about 7 minutes of processor time the first time, seconds afterwards"
	@sh Plugins/BuildIdentity/identity.sh .
	swift build -c release --product gradfid
	@echo "built: $(GRADFID)"

test: packages
	@sh Plugins/BuildIdentity/identity.sh .
	swift build -c release --build-tests
	swift test -c release --skip-build

# The heavy statistics that the test suite leaves out: more of the fidelity tests, certified numbers,
# wrong estimators that must be caught, the coverage of the intervals (a thousand repeats, a minute or
# two), kept in verify.sqlite, and studies/quantisers, recomputed by a script (needs numpy).
verify: build
	swift build -c release --build-tests
	GRADFID_HEAVY=1 swift test -c release --skip-build --filter FidelityTests
	$(GRADFID) verify --published --format csv > /dev/null
	$(GRADFID) verify --self-test
	$(GRADFID) verify --coverage --store verify.sqlite
	$(GRADFID) run studies/quantisers --store verify.sqlite --quiet
	$(GRADFID) export studies/quantisers --store verify.sqlite --to verify-export
	python3 Tests/recompute_quantisers.py verify-export/quantisers.csv

# Times every workload of Sources/Benchmarks on this machine: one JSON line a case, in bench.jsonl.
bench: packages
	swift build -c release --product gradfid-bench
	@for workload in limit w1 w2 w2-exact w3 w4 w5 w5-sampled w6 sharing growth store; do \
	  .build/release/gradfid-bench $$workload || exit 1; \
	done | tee bench.jsonl

# Times gradfid-bench beside programs in JAX and PyTorch, which are installed into .build/peers-venv
# (needs the network once). Options: make bench-peers PEERS="--only w1,w2 --no-loop --rounds 5".
bench-peers: packages
	swift build -c release --product gradfid-bench
	python3 Sources/Benchmarks/Peers/bench_peers.py $(PEERS)

# Installs what is missing of the Debian packages.
packages:
	@missing=$$(for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' \
	    || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  sudo=$$(command -v sudo || true); [ "$$(id -u)" = 0 ] && sudo=; \
	  echo "installing $$missing"; \
	  $$sudo apt-get update -qq && \
	  $$sudo apt-get install -y -qq --no-install-recommends $$missing; \
	fi

format:
	swift format --in-place --recursive Package.swift Sources Tests studies

lint:
	swift format lint --strict --recursive Package.swift Sources Tests studies

clean:
	rm -rf .build
