# masklint: build, test, try, measure. `make` or `make help` lists the targets.

BINARY      = .build/release/masklint
SWIFT       = swift
PYTHON      = python3
PREFIX      = /usr/local
ACCEPTANCE  = ../shared/acceptance
DATA        = ../shared/data
PARTS       =
FUZZ_SECONDS = 60
# On Linux one file that needs no library at all and starts without a dynamic linker; macOS has no static runtime.
STATIC      = $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib -Xswiftc -static-executable)
QUICK       =
STREET      = Samples/street
LABELS      =
PRED_PROBS  =
OUT         = label_issues.npz
ARGS        =
# Also where OUT is set to nothing.
AUDIT_OUT   = $(or $(OUT),label_issues.npz)
# What the masks depend on beside the inputs: names and options, in a file that changes when they do.
AUDIT_STAMP = .artifacts/audit/$(subst /,_,$(abspath $(AUDIT_OUT)))

NUMPY_ENV   = .venv
BENCH_ENV   = .venv-bench
PYTHON_ENV  = .venv-python
PIP         = -m pip install --quiet --disable-pip-version-check

# Folders named like a target (none today) must not make it look up to date.
.PHONY: help setup build release sample test snapshots test-python check-report screenshot acceptance sanitize fuzz torture format lint symbols fixtures bench quality dist wheel man install uninstall audit audit-options clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s%s\n", $$1, $$2}' Makefile

setup: ## check for (and, as root, install) what a build needs
	@Scripts/setup.sh

build: setup ## debug build
	$(SWIFT) build

release: setup ## optimised build with the Swift runtime linked in: .build/release/masklint
	$(SWIFT) build -c release --product masklint $(STATIC)

sample: release ## audit Samples/street and print the summary
	@mkdir -p .artifacts
	$(BINARY) find -l $(STREET)/labels.npy -p $(STREET)/pred_probs.npz --ignore-label 255 --class-names $(STREET)/class_names.txt -o .artifacts/street-issues.npz

test: setup ## unit and command tests: a line for each suite, failures whole
	@Scripts/test.sh

snapshots: setup ## write the committed help, summaries, manual page and option tables again; look at the difference
	MASKLINT_SNAPSHOTS=write Scripts/test.sh --filter 'SnapshotTests|OptionTableTests'

test-python: $(PYTHON_ENV)/ready ## tests and types of the Python package, with the binary built last
	cd Scripts/python && ../../$(PYTHON_ENV)/bin/python -m pytest -q
	cd Scripts/python && ../../$(PYTHON_ENV)/bin/python -m mypy

check-report: setup ## open a report of the sample in headless Chromium: screenshots in .artifacts/report
	$(SWIFT) build --product masklint
	@SWIFT_BUILD=.build/debug Scripts/check-report.sh

screenshot: release ## make the picture of the report in README and the manual again, in headless Chromium
	@Scripts/screenshot.sh $(BINARY)

acceptance: release $(NUMPY_ENV)/ready ## acceptance run in ../shared/acceptance; PARTS="contract random" picks parts
	@test -f $(ACCEPTANCE)/run.py || { echo "acceptance: $(ACCEPTANCE)/run.py is not there; set ACCEPTANCE=FOLDER" >&2; exit 1; }
	@Scripts/acceptance.sh $(NUMPY_ENV)/bin/python $(ACCEPTANCE)/run.py $(abspath $(BINARY)) $(PARTS)

sanitize: setup ## tests under the address, thread and undefined-behaviour sanitizers
	@Scripts/sanitize.sh

fuzz: setup ## mutate input files for FUZZ_SECONDS (60)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) Scripts/fuzz.sh

torture: setup ## make every system call of every command fail in turn (needs strace); QUICK=1 takes a few
	$(SWIFT) build --product masklint
	$(PYTHON) Scripts/torture.py .build/debug/masklint $(if $(QUICK),--quick)

format: ## rewrite the Swift sources in the house format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

lint: ## check the format, warnings being errors, and that rooms are used in one direction
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	$(PYTHON) Scripts/check-rooms.py

symbols: release ## fail if the C targets export a name that is not theirs
	@Scripts/symbols.sh

fixtures: $(BENCH_ENV)/ready $(BENCH_ENV)/coco-ready ## write Tests/Fixtures and Samples again
	$(BENCH_ENV)/bin/python Scripts/make-npy-fixtures.py
	$(BENCH_ENV)/bin/python Scripts/make-algorithm-fixtures.py
	$(BENCH_ENV)/bin/python Scripts/make-rule-fixtures.py
	$(BENCH_ENV)/bin/python Scripts/make-region-fixtures.py
	$(BENCH_ENV)/bin/python Scripts/make-sample.py

bench: release $(BENCH_ENV)/ready ## time and memory beside cleanlab; QUICK=1 for a run under a minute
	$(BENCH_ENV)/bin/python Scripts/bench.py --binary $(BINARY) $(if $(QUICK),--quick)

quality: release $(BENCH_ENV)/quality-ready ## planted label errors that each rule and cleanlab find; QUICK=1 for a minute, DATA for packs
	$(BENCH_ENV)/bin/python Scripts/quality.py --binary $(BINARY) --data $(DATA) $(if $(QUICK),--quick) $(ARGS)

dist: release ## that binary without its symbols: .artifacts/masklint
	@mkdir -p .artifacts && strip -o .artifacts/masklint $(BINARY)
	@wc -c .artifacts/masklint

man: release ## manual pages and shell completions, by the argument parser's tools: .artifacts/manual
	$(SWIFT) build --product generate-manual
	Scripts/manual.sh $(BINARY) .build/debug/generate-manual .artifacts/manual

wheel: dist $(PYTHON_ENV)/ready ## Python wheel with that binary inside: .artifacts/masklint-*.whl
	$(PYTHON_ENV)/bin/python -m build --wheel --no-isolation --outdir .artifacts Scripts/python

install: dist man ## that binary to PREFIX/bin, pages and completions to PREFIX/share (PREFIX=/usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 .artifacts/masklint "$(DESTDIR)$(PREFIX)/bin/masklint"
	umask 022 && cp -R .artifacts/manual/share "$(DESTDIR)$(PREFIX)/"

uninstall: ## remove what install wrote to PREFIX
	rm -f "$(DESTDIR)$(PREFIX)/bin/masklint"
	cd "$(DESTDIR)$(PREFIX)/share" && rm -f man/man1/masklint.1 man/man1/masklint-*.1 \
	    bash-completion/completions/masklint zsh/site-functions/_masklint fish/vendor_completions.d/masklint.fish

audit: $(AUDIT_OUT) ## find issues in LABELS and PRED_PROBS, write OUT when an input is newer or ARGS changed

# Through the environment, since options may hold quotes of any kind.
$(AUDIT_STAMP): export AUDIT_OPTIONS = $(LABELS) | $(PRED_PROBS) | $(ARGS)
$(AUDIT_STAMP): audit-options
	$(if $(and $(LABELS),$(PRED_PROBS)),,$(error make audit LABELS=labels.npy PRED_PROBS=pred_probs.npy [OUT=issues.npz] [ARGS="--ignore-label 255"]))
	$(foreach f,$(LABELS) $(PRED_PROBS),$(if $(wildcard $(f)),,$(error $(f) is not there; make takes no names with blanks)))
	@mkdir -p $(@D)
	@printf '%s\n' "$$AUDIT_OPTIONS" | cmp -s - $@ || printf '%s\n' "$$AUDIT_OPTIONS" > $@

# A gate in ARGS (exit 1) leaves masks behind: they are dated back so that the next `make audit` fails again.
$(AUDIT_OUT): $(AUDIT_STAMP) $(LABELS) $(PRED_PROBS) | release
	$(BINARY) find --labels $(LABELS) --pred-probs $(PRED_PROBS) --output $@ $(ARGS) || { s=$$?; touch -c -t 197001020000 $@; exit $$s; }

clean: ## remove build products, environments and bench data
	rm -rf .build .build-* .artifacts .bench $(NUMPY_ENV) $(BENCH_ENV) $(PYTHON_ENV)

$(NUMPY_ENV)/ready:
	$(PYTHON) -m venv $(NUMPY_ENV)
	$(NUMPY_ENV)/bin/python $(PIP) numpy
	@touch $@

$(BENCH_ENV)/ready:
	$(PYTHON) -m venv $(BENCH_ENV)
	$(BENCH_ENV)/bin/python $(PIP) cleanlab==2.9.0
	@touch $@

# For the fixtures of regions alone; benches do not need them.
$(BENCH_ENV)/coco-ready: $(BENCH_ENV)/ready
	$(BENCH_ENV)/bin/python $(PIP) scipy==1.17.1 pycocotools==2.0.11
	@touch $@

# scikit-learn, which cleanlab needs, brings some SciPy: this is the one that the manual's figures were made with.
$(BENCH_ENV)/quality-ready: $(BENCH_ENV)/ready
	$(BENCH_ENV)/bin/python $(PIP) scipy==1.17.1
	@touch $@

$(PYTHON_ENV)/ready: Makefile
	$(PYTHON) -m venv $(PYTHON_ENV)
	$(PYTHON_ENV)/bin/python $(PIP) numpy pytest mypy build "setuptools>=77" "dask[distributed]" pandas pandas-stubs \
	    matplotlib pillow tqdm nbconvert ipykernel cleanlab==2.9.0
	@touch $@
