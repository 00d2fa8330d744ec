# Berth: build, test, install. `make help` lists the targets.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := .build
SWIFT := swift
# One static file a program; a folder of its own, for objects made for static and dynamic linking do not mix.
STATIC := BERTH_STATIC=1 $(SWIFT) build --static-swift-stdlib --scratch-path $(BUILD)/static

.PHONY: help packages build debug run check test guest fuzz format lint install uninstall clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

packages:  ## install what the build needs from Debian, if it is missing
	@Tests/packages build

build: packages  ## build berth and berthd, release
	$(STATIC) -c release --product berth
	$(STATIC) -c release --product berthd

debug: packages  ## build berth and berthd, debug, into .build/bin
	$(SWIFT) build --product berthd
	$(STATIC) --product berth
	@mkdir -p $(BUILD)/bin
	@install -m 0755 $(BUILD)/debug/berthd $(BUILD)/static/debug/berth $(BUILD)/bin/

run: debug  ## see your host, a reservation on it, and everything given back
	@Tests/try $(BUILD)/bin

check: packages  ## the quick tests: everything that needs no guest
	$(SWIFT) build --build-tests
	# One after the other: some tests measure deadlines, and on two cores nothing is won by crowding them.
	$(SWIFT) test --skip-build --no-parallel

test: check debug  ## every test, those in guests too
	@Tests/packages test
	# The other files of Tests/api/tests show defects that are known and not mended yet: README, "What stands".
	Tests/api/run $(BUILD)/bin caps connections host http overbooking release reserve resize retry shortfalls users witness
	Tests/Guest/guest packages
	Tests/Guest/guest test --host $(BUILD)/bin
	Tests/Guest/guest shapes --berth $(BUILD)/bin/berth --kernel 6.12

guest: debug  ## a guest of one's own with berth in it
	Tests/Guest/guest packages
	Tests/Guest/guest shell --host $(BUILD)/bin

fuzz: packages  ## the fuzz tests for BERTH_FUZZ_SECONDS each (default 600)
	BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-600} $(SWIFT) test --filter '[Ff]uzz'

format:  ## put every source file into the house's form
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

lint:  ## complain about form
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

install: build  ## install below $(DESTDIR)$(PREFIX)
	install -D -m 0755 $(BUILD)/static/release/berth $(DESTDIR)$(PREFIX)/bin/berth
	install -D -m 0755 $(BUILD)/static/release/berthd $(DESTDIR)$(PREFIX)/sbin/berthd
	install -D -m 0644 etc/berth.yaml $(DESTDIR)/etc/berth/berth.yaml

uninstall:  ## take away what install put there; the configuration stays
	rm -f $(DESTDIR)$(PREFIX)/bin/berth $(DESTDIR)$(PREFIX)/sbin/berthd

clean:  ## remove what was built
	rm -rf $(BUILD)
