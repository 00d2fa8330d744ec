/*
 * Stands in for libnvidia-ml.so.1 where there is no NVIDIA GPU: the calls that the plugin nvidia-gpu makes, with their
 * structures as nvml.h has them, answered from the file STATE, which is read at each call:
 *
 *   gpu ADDRESS UUID GIBIBYTES [lost] [ecc COUNT] [remap pending|failed]
 *   mig UUID PROFILE GIBIBYTES INSTANCE     a part of the GPU above it
 *   xid NUMBER CODE GPU [INSTANCE]          an event, told once; NUMBER counts up, GPU from 0
 *   driver missing
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST 16

struct part {
    char uuid[96], profile[32];
    unsigned gibibytes, instance;
};

struct gpu {
    char address[32], uuid[96];
    unsigned gibibytes, count;
    int lost, pending, failed;
    unsigned long long ecc;
    struct part parts[MOST];
};

struct xid {
    unsigned number, code, gpu, instance;
};

static struct {
    unsigned count, xids;
    int missing;
    struct gpu gpus[MOST];
    struct xid events[MOST];
} now;

/* Handles have to stay what they are: a GPU is its number plus 1, a part also 100 times its own. */
typedef uintptr_t device;

static void look(void)
{
    memset(&now, 0, sizeof now);
    FILE *file = fopen(STATE, "r");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        struct gpu *gpu = &now.gpus[now.count];
        struct xid *xid = &now.events[now.xids];
        const char *ecc = strstr(line, " ecc ");
        if (sscanf(line, "gpu %31s %95s %u", gpu->address, gpu->uuid, &gpu->gibibytes) == 3) {
            gpu->lost = strstr(line, " lost") != NULL;
            gpu->pending = strstr(line, " remap pending") != NULL;
            gpu->failed = strstr(line, " remap failed") != NULL;
            if (ecc)
                sscanf(ecc, " ecc %llu", &gpu->ecc);
            now.count++;
        } else if (now.count && !strncmp(line, "mig ", 4)) {
            struct part *part = &now.gpus[now.count - 1].parts[now.gpus[now.count - 1].count++];
            sscanf(line, "mig %95s %31s %u %u", part->uuid, part->profile, &part->gibibytes, &part->instance);
        } else if (!strncmp(line, "xid ", 4)) {
            xid->instance = 0xffffffffu;
            sscanf(line, "xid %u %u %u %u", &xid->number, &xid->code, &xid->gpu, &xid->instance);
            now.xids++;
        } else if (!strncmp(line, "driver missing", 14)) {
            now.missing = 1;
        }
    }
    if (file)
        fclose(file);
}

static struct gpu *gpu_of(device handle) { return &now.gpus[handle % 100 - 1]; }
static struct part *part_of(device handle) { return handle < 100 ? NULL : &gpu_of(handle)->parts[handle / 100 - 1]; }
static int answer(device handle)
{
    look();
    return handle % 100 > now.count || gpu_of(handle)->lost ? 15 : 0;
}

int nvmlInit_v2(void)
{
    look();
    return now.missing ? 9 : 0;
}

const char *nvmlErrorString(int code)
{
    return code == 9 ? "Driver Not Loaded" : code == 15 ? "GPU is lost" : code == 3 ? "Not Supported" : "Some Error";
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    look();
    *count = now.count;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device *handle)
{
    *handle = index + 1;
    return answer(*handle);
}

int nvmlDeviceGetPciInfo_v3(device handle, char *info)
{
    int code = answer(handle);
    if (!code)
        snprintf(info + 36, 32, "%s", gpu_of(handle)->address);
    return code;
}

int nvmlDeviceGetMinorNumber(device handle, unsigned *minor)
{
    *minor = (unsigned)(handle % 100 - 1);
    return answer(handle);
}

int nvmlDeviceGetUUID(device handle, char *text, unsigned size)
{
    int code = answer(handle);
    if (!code)
        snprintf(text, size, "%s", part_of(handle) ? part_of(handle)->uuid : gpu_of(handle)->uuid);
    return code;
}

int nvmlDeviceGetName(device handle, char *text, unsigned size)
{
    int code = answer(handle);
    if (code)
        return code;
    if (part_of(handle))
        snprintf(text, size, "NVIDIA A100-SXM4-80GB MIG %s", part_of(handle)->profile);
    else
        snprintf(text, size, "NVIDIA A100-SXM4-80GB");
    return 0;
}

int nvmlDeviceGetMemoryInfo(device handle, unsigned long long *memory)
{
    int code = answer(handle);
    if (code)
        return code;
    memory[0] = (unsigned long long)(part_of(handle) ? part_of(handle)->gibibytes : gpu_of(handle)->gibibytes) << 30;
    memory[2] = 5ull << 30;
    memory[1] = memory[0] - memory[2];
    return 0;
}

int nvmlDeviceGetUtilizationRates(device handle, unsigned *rates)
{
    int code = answer(handle);
    rates[0] = 42;
    rates[1] = 7;
    return code ? code : part_of(handle) ? 3 : 0;
}

int nvmlDeviceGetPowerUsage(device handle, unsigned *milliwatts)
{
    *milliwatts = 123456;
    return answer(handle);
}

int nvmlDeviceGetTotalEccErrors(device handle, int type, int counter, unsigned long long *count)
{
    int code = answer(handle);
    if (!code)
        *count = type == 1 && counter == 0 ? gpu_of(handle)->ecc : 999;
    return code;
}

int nvmlDeviceGetRemappedRows(device handle, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed)
{
    int code = answer(handle);
    if (code)
        return code;
    *corrected = *uncorrected = 0;
    *pending = gpu_of(handle)->pending;
    *failed = gpu_of(handle)->failed;
    return 0;
}

int nvmlDeviceGetMigMode(device handle, unsigned *current, unsigned *pending)
{
    int code = answer(handle);
    if (!code)
        *current = *pending = gpu_of(handle)->count > 0;
    return code;
}

int nvmlDeviceGetMaxMigDeviceCount(device handle, unsigned *count)
{
    *count = 7;
    return answer(handle);
}

int nvmlDeviceGetMigDeviceHandleByIndex(device handle, unsigned index, device *part)
{
    int code = answer(handle);
    if (code)
        return code;
    if (index >= gpu_of(handle)->count)
        return 6;
    *part = handle + 100 * (index + 1);
    return 0;
}

int nvmlDeviceGetComputeInstanceId(device handle, unsigned *instance)
{
    int code = answer(handle);
    *instance = 0;
    return code ? code : part_of(handle) ? 0 : 3;
}

int nvmlDeviceGetGpuInstanceId(device handle, unsigned *instance)
{
    int code = answer(handle);
    if (!code && part_of(handle))
        *instance = part_of(handle)->instance;
    return code ? code : part_of(handle) ? 0 : 3;
}

int nvmlEventSetCreate(uintptr_t *set)
{
    *set = 1;
    return 0;
}

int nvmlDeviceRegisterEvents(device handle, unsigned long long types, uintptr_t set)
{
    return types == 8 && set == 1 ? answer(handle) : 2;
}

int nvmlEventSetWait_v2(uintptr_t set, unsigned char *data, unsigned milliseconds)
{
    static unsigned told;
    (void)set;
    for (unsigned waited = 0; waited <= milliseconds; waited += 20) {
        look();
        for (unsigned i = 0; i < now.xids; i++) {
            if (now.events[i].number <= told)
                continue;
            told = now.events[i].number;
            struct {
                device handle;
                unsigned long long type, xid;
                unsigned instance, compute;
            } event = {now.events[i].gpu + 1, 8, now.events[i].code, now.events[i].instance, 0xffffffffu};
            memcpy(data, &event, sizeof event);
            return 0;
        }
        usleep(20000);
    }
    return 10;
}
