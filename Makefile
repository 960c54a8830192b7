# For those who like make: the same front door as ./demo and ./test. The build itself is CMake's: CMakeLists.txt and
# CMakePresets.json.
PREFIX ?= /usr/local

.PHONY: build demo lesson test bench install clean help

build: ## build the library and the program: build/release/nudge
	@tools/build.sh -DCMAKE_INSTALL_PREFIX=$(PREFIX)

demo: ## install what is missing, build, and watch a network learn to read digits: ./demo
	@./demo

test: ## install what is missing, build, and run every test: ./test
	@./test

lesson: build ## run the lesson's commands, draw its pictures anew, and check its numbers
	@tools/install-packages.sh lesson
	@tools/lesson.sh

bench: build ## install the peers that are missing, and measure nudge beside them: build/bench/results.json
	@tools/install-packages.sh bench
	cmake --preset release
	cmake --build --preset release --target bench
	python3 bench/run.py $(BENCH_OPTIONS)

install: build ## install the release build under PREFIX (default /usr/local)
	cmake --install build/release

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "NO_INSTALL=1 keeps demo, lesson, test and bench from installing packages."
