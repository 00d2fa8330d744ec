// Nothing of it that Berth calls is variadic, so Swift calls libsystemd as it is.
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
