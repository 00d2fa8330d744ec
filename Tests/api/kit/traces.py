"""Traces to simulate with: tasks of a made-up cluster in the columns of the openb trace, and as `sacct -P` prints them."""
import datetime
import random

COLUMNS = ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec", "qos", "pod_phase", "creation_time",
           "deletion_time", "scheduled_time"]


def tasks(seed, count=400):
    """Tasks as dictionaries: small and large ones, with parts of a GPU, whole ones and none; some never ran."""
    chance = random.Random(seed)
    made, at = [], 0
    for number in range(count):
        at += chance.choice([0, 1, 5, 30, 120])
        gpus, share = chance.choice([(0, 0), (1, 1000), (1, 250), (1, 470), (1, 810), (2, 1000)])
        began = None if chance.random() < 0.05 else at + chance.randrange(3)
        made.append({
            "name": f"task-{number}", "cpu_milli": chance.choice([1000, 2000, 4000, 8000]),
            "memory_mib": chance.choice([1024, 4096, 16384]), "num_gpu": gpus, "gpu_milli": share, "gpu_spec": "",
            "qos": chance.choice(["LS", "BE", "Burstable"]), "pod_phase": "Pending" if began is None else "Succeeded",
            "creation_time": at, "deletion_time": (at if began is None else began) + chance.choice([10, 60, 600, 3600]),
            "scheduled_time": "" if began is None else began})
    return made


def openb(made):
    """The text of an openb trace."""
    lines = [",".join(COLUMNS)] + [",".join(str(task[column]) for column in COLUMNS) for task in made]
    return "".join(f"{line}\n" for line in lines)


def sacct(made):
    """The same tasks, as far as Slurm has such, as `sacct -P` prints them."""
    lines = ["JobID|JobName|User|Submit|Start|End|ReqCPUS|ReqMem|ReqTRES|Timelimit|State"]
    for number, task in enumerate(made):
        began = task["scheduled_time"]
        gpus = f",gres/gpu={task['num_gpu']}" if task["num_gpu"] else ""
        cpus = task["cpu_milli"] // 1000
        lines.append("|".join([
            str(number), task["name"], task["qos"], moment(task["creation_time"]),
            "None" if began == "" else moment(began), "Unknown" if began == "" else moment(task["deletion_time"]), str(cpus),
            f"{task['memory_mib']}M", f"billing={cpus},cpu={cpus}{gpus},mem={task['memory_mib']}M,node=1", "02:00:00",
            "PENDING" if began == "" else "COMPLETED"]))
        lines.append(f"{number}.batch|batch||{moment(task['creation_time'])}|||{cpus}|||| COMPLETED")
    return "".join(f"{line}\n" for line in lines)


def moment(seconds):
    return (datetime.datetime(2026, 11, 1) + datetime.timedelta(seconds=seconds)).isoformat()
