# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
#
# The front doors; Meson does the building. make alone shows the menu.

PREFIX = /usr/local
ARGS =
MESON_ARGS =
NINJA_ARGS =
# One more than the machine of the checks has processors: a test waits for others, too.
PYTEST_ARGS = -n 3
FUZZ_SECONDS = 60
CASES = 2000
SEED =
BENCH_ARGS =
FAULT_ARGS =
FAULT_BUILDS = build
DOCTOR_ARGS =
METRICS_ARGS =
FLEET_ARGS =
VM_SUITES =
VM_TESTS =

# The builds whose program the tests run; of build-tsan tests/live/test_races.py runs what has threads, and clang-tidy reads
# with what build-clang would be compiled.
SOCKEYE_BUILDS = build:build-asan

.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help run build test lint format asan tsan clang clang-commands static fuzz diff bench kit-faults kit-recordings kit-sanitized kit-doctor kit-metrics kit-fleet vm-test install clean deps deps-test deps-bench

help:
	@echo 'make run ARGS="-tunlp"   build, then run build/ss with these arguments'
	@echo 'make test                build three ways, then run every test and check'
	@echo
	@echo 'make build               build/ss'
	@echo 'make install             install it (PREFIX=$(PREFIX), DESTDIR=$(DESTDIR))'
	@echo 'make static              build-static/ss: one file, no libraries'
	@echo 'make asan | tsan | clang the builds with sanitizers, with clang'
	@echo 'make lint                only the checks of form: layout, layers, clang-tidy, ...'
	@echo 'make format              lay out the sources with clang-format'
	@echo 'make fuzz                fuzz the parsers, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make diff                compare CASES=$(CASES) random command lines with the reference; SEED=N repeats'
	@echo 'make bench               time it against other programs; BENCH_ARGS=--help says more'
	@echo 'make kit-faults          inject some 20,000 faults into every mode; FAULT_ARGS=--help says more'
	@echo 'make kit-recordings      kill recorders, damage recordings, fill disks'
	@echo 'make kit-sanitized       run all of tests/live with sanitizers, of which make test leaves out a part'
	@echo 'make kit-doctor          build faults and healthy populations, and ask the doctor; DOCTOR_ARGS=--help says more'
	@echo 'make kit-metrics         have Prometheus and others of Debian read pages of metrics, and make a day of them'
	@echo 'make kit-fleet           ask hosts in namespaces over sshd, by clush, pdsh, parallel and --hosts; FLEET_ARGS=--help says more'
	@echo 'make vm-test             boot other kernels in qemu and list the sockets that few kernels have'
	@echo 'make clean               remove every build'
	@echo
	@echo 'What is missing for the task is installed by the package manager.'
	@echo 'MESON_ARGS, NINJA_ARGS and PYTEST_ARGS are passed on.'

# $(call quietly,LOG,COMMAND): shows what it said only if it fails.
quietly = { $(2); } >$(1) 2>&1 </dev/null || { cat $(1) >&2; exit 1; }
setup = mkdir -p $(1); echo 'sockeye: setting up $(1)' >&2; \
	$(call quietly,$(1)/setup.log,meson setup $(1) --prefix=$(PREFIX) $(2) $(MESON_ARGS)); \
	sed -n 's/.*WARNING: \(sockeye: \)/\1/p' $(1)/setup.log >&2
compile = ninja -C $(1) -n $(2) 2>&1 | grep -q 'no work to do' || echo 'sockeye: compiling $(1)' >&2; \
	$(call quietly,$(1)/compile.log,ninja -C $(1) $(NINJA_ARGS) $(2))
pytest = py=/usr/bin/python3; [ -x $$py ] || py=python3; \
	SOCKEYE_BUILDS=$(SOCKEYE_BUILDS) $$py -B -m pytest -rs -p no:cacheprovider $(PYTEST_ARGS)

run: build
	@build/ss $(ARGS)

build: build/build.ninja
	@$(call compile,build)

asan: build-asan/build.ninja
	@$(call compile,build-asan)

# No more than tests/live/test_races.py runs.
tsan: build-tsan/build.ninja
	@$(call compile,build-tsan,race-programs)

clang: build-clang/build.ninja
	@$(call compile,build-clang)

# Only as much as tests/lint/test_lint.py reads: how each file is compiled.
clang-commands: build-clang/build.ninja
	@$(call compile,build-clang,build.ninja)

static: build-static/build.ninja
	@$(call compile,build-static)

build/build.ninja: | deps
	@$(call setup,build)

# It starts thousands of times in the tests: what is undefined stops it, which address sanitizer reports with the line, where
# texts for each place would be most of the program, and two libraries; and nothing has to be relocated. -g1 has the lines that
# a report names, and takes a third of the compiler's time less than all that a debugger could be told.
build-asan/build.ninja: | deps-test
	@$(call setup,build-asan,-Dwerror=true -Db_sanitize=address$(comma)undefined -Doptimization=1 -Ddebug=false \
		"-Dc_args=-g1 $(trap)" -Dc_link_args=$(trap) -Db_pie=false)

build-tsan/build.ninja: | deps-test
	@$(call setup,build-tsan,-Dwerror=true -Db_sanitize=thread -Doptimization=1 -Ddebug=false -Dc_args=-g1)

# Nothing runs what it makes. The tests only read how each file is compiled: what clang warns of, which is all of its front
# end, clang-tidy says, too; and tests/lint/test_build.py has one program of clang's.
build-clang/build.ninja: | deps-test
	@export CC=clang; $(call setup,build-clang,-Dwerror=true -Doptimization=0 -Ddebug=false)

build-static/build.ninja: | deps
	@$(call setup,build-static,-Dstatic=true -Dtests=false)

build-fuzz/build.ninja: | deps-test
	@export CC=clang; $(call setup,build-fuzz,-Dwerror=true -Dfuzz=true -Dtests=false -Doptimization=1 -Db_lundef=false \
		-Db_sanitize=address$(comma)undefined)

comma = ,
trap = -fsanitize-undefined-trap-on-error

test: deps-test build asan tsan clang-commands
	@$(pytest) tests

lint: deps-test build clang-commands
	@SOCKEYE_ANALYSE=1; export SOCKEYE_ANALYSE; $(pytest) tests/lint/test_lint.py

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

fuzz: build-fuzz/build.ninja
	@$(call compile,build-fuzz)
	@for t in build-fuzz/tests/fuzz/fuzz-*; do \
		[ -f $$t ] && [ -x $$t ] || continue; \
		mkdir -p $$t.corpus; \
		echo "$$t"; \
		set --; d=tests/fuzz/$${t##*/fuzz-}.dict; [ ! -f $$d ] || set -- -dict=$$d; \
		$$t "$$@" -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$$t. $$t.corpus \
			tests/fuzz/seeds/$${t##*/fuzz-} || exit 1; \
	done

diff: deps-test build
	@SOCKEYE_CASES=$(CASES) SOCKEYE_SEED=$(SEED); export SOCKEYE_CASES SOCKEYE_SEED; \
	$(subst SOCKEYE_BUILDS=$(SOCKEYE_BUILDS),SOCKEYE_BUILDS=build,$(pytest)) tests/diff/test_random.py

bench: build deps-bench
	@tests/bench/run $(BENCH_ARGS)

kit-faults: deps-test build
	@py=/usr/bin/python3; [ -x $$py ] || py=python3; SOCKEYE_BUILDS=$(FAULT_BUILDS) $$py -B tests/faults/run $(FAULT_ARGS)

kit-recordings: deps-test build
	@py=/usr/bin/python3; [ -x $$py ] || py=python3; $$py -B tests/faults/recordings.py build/tests/faults/recorder $(FAULT_ARGS)

kit-sanitized: deps-test build asan
	@SOCKEYE_SANITIZE_ALL=1; export SOCKEYE_SANITIZE_ALL; $(pytest) -k build-asan tests/live

kit-doctor: deps-test build
	@py=/usr/bin/python3; [ -x $$py ] || py=python3; $$py -B tests/doctor/run $(DOCTOR_ARGS)

kit-metrics: deps-test build
	@py=/usr/bin/python3; [ -x $$py ] || py=python3; SOCKEYE_BUILDS=build $$py -B tests/metrics/run $(METRICS_ARGS)

kit-fleet: deps-test build
	@py=/usr/bin/python3; [ -x $$py ] || py=python3; $$py -B tests/fleet/run $(FLEET_ARGS)

vm-test: build
	@$(call compile,build,vm-programs)
	@tests/vm/run -k '$(VM_TESTS)' $(VM_SUITES)

install: build
	@meson configure build --prefix=$(PREFIX)
	meson install -C build

clean:
	rm -rf build build-asan build-tsan build-clang build-static build-fuzz

deps:
	@scripts/install-deps build

deps-test:
	@scripts/install-deps test

deps-bench:
	@scripts/install-deps bench
