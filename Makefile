# Berth: build, test, install. `make help` lists the targets.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := .build
SWIFT := swift
# One static file a program; a folder of its own, for objects made for static and dynamic linking do not mix.
STATIC := BERTH_STATIC=1 $(SWIFT) build --static-swift-stdlib --scratch-path $(BUILD)/static
UNITS := berthd.service berthd.socket berth.slice
# Shells, and where below share/ each looks for completions.
COMPLETIONS := bash:bash-completion/completions/berth zsh:zsh/site-functions/_berth fish:fish/vendor_completions.d/berth.fish

# What is in the house's form.
FORMED := Package.swift Sources Plugins/Kit/Package.swift Plugins/Kit/Sources Plugins/license-seats Plugins/nvidia-gpu Plugins/scratch-space Plugins/site-policy Tests

# The process that plugins run in: C, and nothing but libc and libcap in it.
PLUGIN_HOST := $(wildcard Sources/berth-plugin-host/*.c)
PLUGIN_ABI := Plugins/Kit/Sources/BerthPluginABI/include

.PHONY: help packages build debug guest-programs run demo check test guest fuzz bench bench-guest format lint install uninstall clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

packages:  ## install what the build needs from Debian, if it is missing
	@Tests/packages build

$(BUILD)/bin/berth-plugin-host: $(PLUGIN_HOST) Sources/berth-plugin-host/host.h $(PLUGIN_ABI)/berth_plugin.h
	@mkdir -p $(@D)
	cc -std=c11 -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wall -Wextra -Werror -I$(PLUGIN_ABI) \
	    $(PLUGIN_HOST) -o $@ -Wl,--export-dynamic-symbol=open,--export-dynamic-symbol=open64 -ldl -lcap -pthread

build: packages $(BUILD)/bin/berth-plugin-host  ## build berth and berthd, release
	$(STATIC) -c release --product berth
	$(STATIC) -c release --product berthd

debug: packages $(BUILD)/bin/berth-plugin-host  ## build berth and berthd, debug, into .build/bin
	$(SWIFT) build --product berthd
	$(STATIC) --product berth
	@mkdir -p $(BUILD)/bin
	@install -m 0755 $(BUILD)/debug/berthd $(BUILD)/static/debug/berth $(BUILD)/bin/

guest-programs: packages $(BUILD)/bin/berth-plugin-host
	# Static: a guest has no Swift.
	$(STATIC) --product berthd
	$(STATIC) --product berth
	@mkdir -p $(BUILD)/guest
	@install -m 0755 -t $(BUILD)/guest $(BUILD)/static/debug/berthd $(BUILD)/static/debug/berth \
	    $(BUILD)/bin/berth-plugin-host
	@Tests/Guest/guest packages

run: debug  ## see your host, a reservation on it, and everything given back
	@Tests/try $(BUILD)/bin

check: packages  ## the quick tests: everything that needs no guest
	$(SWIFT) build --build-tests
	# One after the other: some tests measure deadlines, and on two cores nothing is won by crowding them.
	BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-2} $(SWIFT) test --skip-build --no-parallel

random: packages  ## a million random commands to the core, then each planted fault, which must be found
	$(SWIFT) build -c release --product random-commands
	$(BUILD)/release/random-commands

test: packages debug guest-programs  ## every test, those in guests too
	$(SWIFT) build --build-tests
	$(SWIFT) build -c release --product random-commands
	# The core has no clock: its tests and the random commands take a core each. All others go alone, as in `make check`.
	$(BUILD)/release/random-commands > $(BUILD)/random.log 2>&1 & random=$$!; \
	    BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-2} $(SWIFT) test --skip-build --no-parallel --filter '^BerthCoreTests'; \
	    core=$$?; wait $$random; random=$$?; cat $(BUILD)/random.log; exit $$((core | random))
	BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-2} $(SWIFT) test --skip-build --no-parallel --skip '^BerthCoreTests'
	# Every fuzzer for a minute, as many at a time as there are cores: six minutes on two. That of the edge goes alone,
	# for the others never let go of the threads that its server needs to answer in time.
	BERTH_FUZZ_SECONDS=60 $(SWIFT) test --skip-build --filter '/fuzz' --skip EdgeFuzzTests
	BERTH_FUZZ_SECONDS=60 $(SWIFT) test --skip-build --filter EdgeFuzzTests
	@Tests/packages test
	# What `make run` shows.
	Tests/try $(BUILD)/bin
	Tests/api/run $(BUILD)/bin
	Tests/plugins/run $(BUILD)/bin
	python3 -B Tests/Guest/selftest.py
	Tests/Guest/guest test --host $(BUILD)/guest
	Tests/Guest/guest shapes --berth $(BUILD)/guest/berth --kernel 6.12

demo: guest-programs  ## what `make run` shows, in a guest whose kernel holds every limit
	Tests/Guest/guest run --service --host $(BUILD)/guest -- /host/inside/demo

guest: guest-programs  ## a guest of one's own with Berth's service running
	Tests/Guest/guest shell --service --host $(BUILD)/guest

fuzz: packages  ## the fuzz tests for BERTH_FUZZ_SECONDS each (default 600)
	BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-600} $(SWIFT) test --filter '/fuzz' --skip EdgeFuzzTests
	BERTH_FUZZ_SECONDS=$${BERTH_FUZZ_SECONDS:-600} $(SWIFT) test --skip-build --filter EdgeFuzzTests

bench: build  ## measure it beside the floor under it, and print tables
	$(STATIC) -c release --product time-decisions
	Tests/Bench/bench --bin $(BUILD)/static/release --out $(BUILD)/bench.md

bench-guest: build  ## the same for what needs a real kernel, in a guest
	Tests/Guest/guest packages
	Tests/Bench/bench --bin $(BUILD)/static/release --out $(BUILD)/bench-guest.md guest

format:  ## put every source file into the house's form
	$(SWIFT) format --in-place --parallel --recursive $(FORMED)

lint:  ## complain about form
	$(SWIFT) format lint --strict --parallel --recursive $(FORMED)

install: build  ## install below $(DESTDIR)$(PREFIX)
	install -D -m 0755 $(BUILD)/static/release/berth $(DESTDIR)$(PREFIX)/bin/berth
	install -D -m 0755 $(BUILD)/static/release/berthd $(DESTDIR)$(PREFIX)/sbin/berthd
	install -d -m 0755 $(DESTDIR)/usr/lib/berth/plugins
	install -D -m 0755 $(BUILD)/bin/berth-plugin-host $(DESTDIR)$(PREFIX)/libexec/berth/berth-plugin-host
	cd Plugins/Kit && find Package.swift Sources -type f -exec \
	    install -D -m 0644 {} $(abspath $(DESTDIR)$(PREFIX)/share/berth/Kit)/{} \;
	# What an administrator has made of the configuration stays.
	[ -e $(DESTDIR)/etc/berth/berth.yaml ] || install -D -m 0644 etc/berth.yaml $(DESTDIR)/etc/berth/berth.yaml
	[ -e $(DESTDIR)/etc/berth/berth.yaml.d/shapes.yaml ] || \
	    install -D -m 0644 etc/shapes.yaml $(DESTDIR)/etc/berth/berth.yaml.d/shapes.yaml
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system $(addprefix systemd/,$(UNITS))
	sed -i 's:^ExecStart=/usr/local/:ExecStart=$(PREFIX)/:' $(DESTDIR)$(PREFIX)/lib/systemd/system/berthd.service
	install -D -m 0644 systemd/sysusers.d/berth.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/berth.conf
	install -D -m 0644 systemd/tmpfiles.d/berth.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/berth.conf
	for place in $(COMPLETIONS); do \
	    mkdir -p "$$(dirname "$(DESTDIR)$(PREFIX)/share/$${place#*:}")" && \
	    $(BUILD)/static/release/berth --generate-completion-script "$${place%%:*}" \
	        > "$(DESTDIR)$(PREFIX)/share/$${place#*:}" || exit 1; \
	done
	@[ -n "$(DESTDIR)" ] || echo "now, as root: systemd-sysusers; systemctl daemon-reload; systemctl enable --now berthd"

uninstall:  ## take away what install put there; the configuration and plugins stay
	rm -f $(DESTDIR)$(PREFIX)/bin/berth $(DESTDIR)$(PREFIX)/sbin/berthd
	rm -rf $(DESTDIR)$(PREFIX)/libexec/berth $(DESTDIR)$(PREFIX)/share/berth
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(UNITS))
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/berth.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/berth.conf
	for place in $(COMPLETIONS); do rm -f "$(DESTDIR)$(PREFIX)/share/$${place#*:}"; done
	-rmdir --ignore-fail-on-non-empty -p $(DESTDIR)/usr/lib/berth/plugins $(DESTDIR)$(PREFIX)/libexec 2>/dev/null

clean:  ## remove what was built
	rm -rf $(BUILD)
