"""What will do instead: the first of the choices that fits is granted."""
from kit.case import AgentCase, path
from kit.command import berth

TRAIN = [{"gpu": 2}, {"gpu": 1, "cpu": 2}, {"cpu": 6}, {"cpu": 1}]


class Alternatives(AgentCase):
    def reserve(self, choices, **more):
        return self.client.reserve(choices[0], alternatives=choices[1:], **more)

    def test_the_first_that_fits_is_granted_and_says_which_it_is(self):
        for held, alternative in (({}, None), ({"gpu": 3}, 0), ({"gpu": 3, "cpu": 7}, 2), ({"gpu": 4, "cpu": 2}, 1)):
            with self.subTest(str(held)):
                other = self.granted(held) if held else None
                granted = self.assert_ok(self.reserve(TRAIN, lease="1h"), 201)
                self.assertEqual(granted.get("alternative"), alternative)
                wanted = TRAIN[0 if alternative is None else alternative + 1]
                self.assertEqual({kind: hold["amount"] for kind, hold in granted["resources"].items()}, wanted)
                self.assertEqual(self.look(granted).get("alternative"), alternative)
                for each in filter(None, (granted, other)):
                    self.client.delete(path(each))

    def test_where_none_fits_each_says_what_is_short(self):
        self.granted({"cpu": 8, "gpu": 4})
        problem = self.assert_problem(self.reserve(TRAIN), 409, "insufficient", ever=True)
        self.assertEqual([short["type"] for short in problem["shortfalls"]], ["gpu"])
        short = [[short["type"] for short in each["shortfalls"]] for each in problem["alternatives"]]
        self.assertEqual(short, [["cpu", "gpu"], ["cpu"], ["cpu"]])
        self.assertIn("nor does any alternative fit", problem["detail"])
        self.assertEqual(self.resource("cpu")["held"], 8)
        never = self.assert_problem(self.reserve([{"gpu": 5}, {"cpu": 9}]), 409, "insufficient", ever=False)
        self.assertEqual([each["ever"] for each in never["alternatives"]], [False])

    def test_less_of_the_first_is_before_all_of_the_next(self):
        self.granted({"gpu": 3})
        granted = self.assert_ok(self.reserve([{"gpu": {"amount": 2, "minimum": 1}}, {"cpu": 8}]), 201)
        self.assertEqual((granted["state"], granted.get("alternative")), ("partial", None))

    def test_what_this_host_does_not_know_is_passed_over(self):
        seat = {"acme.example/seat": 1}
        self.assertEqual(self.assert_ok(self.reserve([seat, {"cpu": 1}]), 201)["alternative"], 0)
        problem = self.assert_problem(self.reserve([{"cpu": 9}, seat]), 409, "insufficient", ever=False)
        self.assertEqual(problem["alternatives"][0]["violations"][0]["pointer"], "/alternatives/0/acme.example~1seat")
        problem = self.assert_problem(self.reserve([seat, {"cpu": 9}]), 409, "insufficient", ever=False, shortfalls=[])
        self.assertEqual(problem["violations"][0]["code"], "unknown_type")
        self.assert_problem(self.reserve([seat, {"gpu": {"amount": 1, "where": {"colour": "red"}}}]), 422, "invalid")

    def test_it_is_explained(self):
        self.granted({"gpu": 3, "cpu": 3})
        body = {"resources": TRAIN[0], "alternatives": [{"cpu": 6}, {"cpu": {"amount": 7, "minimum": 2}}]}
        told = self.assert_ok(self.client.post("/v1/explain", body))
        self.assertEqual((told["granted"], told["state"], told["alternative"]), (True, "partial", 1))
        self.assertEqual([problem["shortfalls"][0]["type"] for problem in told["passed"]], ["gpu", "cpu"])
        self.assertEqual(told["short"]["shortfalls"][0]["asked"], 7)
        self.assertEqual(len(self.live()), 1)

    def test_a_retry_gets_the_same(self):
        headers = {"Idempotency-Key": "alternatives"}
        other = self.granted({"gpu": 4})
        first = self.assert_ok(self.reserve(TRAIN, headers=headers, lease="1h"), 201)
        self.client.delete(path(other))
        again = self.assert_ok(self.reserve(TRAIN, headers=headers, lease="1h"), 201)
        self.assertEqual((again["id"], again["alternative"]), (first["id"], 1))

    def test_what_makes_no_sense_is_refused_with_its_place(self):
        for alternatives, pointer in (
            ({}, "/alternatives"), ([{}], "/alternatives/0"), ([{"cpu": 1}, {"cpuu": 1}], "/alternatives/1/cpuu"), ([{"cpu": 1}] * 9, "/alternatives"),
            ([{"cpu": {"amount": 1, "minimum": 2}}], "/alternatives/0/cpu/minimum"), ([{"gpu": {"amount": 1, "where": {"vram": ">="}}}], "/alternatives/0/gpu/where/vram"),
        ):
            with self.subTest(str(alternatives)):
                answer = self.client.reserve({"cpu": 1}, alternatives=alternatives)
                self.assert_problem(answer, 422, "invalid", pointer=pointer)

    def test_the_command_line(self):
        self.granted({"gpu": 4})
        made = berth(self.agent, "reserve", "--gpu", "1", "--or", "gpu=1,gpu.model=H200,cpu=1", "--or", "cpu=2..4,memory=8GiB", "--lease", "1h")
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        shown = berth(self.agent, "show", made.stdout.strip()).stdout
        self.assertIn("alternative 2 of the request", shown)
        told = berth(self.agent, "explain", "--gpu", "1", "--or", "exclusive-cpu=2")
        self.assertEqual(told.returncode, 0)
        self.assertIn("alternative 1 would be granted:\n  cpu 2, exclusive", told.stdout)
        self.assertIn("why not what is asked first: gpu: 1 asked, 0 of 4 free", told.stdout)
        none = berth(self.agent, "explain", "--gpu", "1", "--or", "gpu=2", "--or", "cpu=9")
        self.assertEqual(none.returncode, 1)
        self.assertIn("nor does any alternative fit", none.stderr)
        wrong = berth(self.agent, "explain", "--gpu", "1", "--or", "cpu=much")
        self.assertIn("--or", wrong.stderr)


class Waiting(AgentCase):
    def test_who_waits_takes_what_comes_first(self):
        gpus = self.granted({"gpu": 4}, lease="1h")
        cpus = self.granted({"cpu": 8}, lease="1h")
        answer = self.client.reserve({"gpu": 1}, {"Prefer": "respond-async"}, alternatives=[{"cpu": {"amount": 4, "minimum": 2}}], wait="1m", lease="1h")
        waiting = answer.json
        self.assertEqual(waiting["state"], "pending", answer)
        self.assertEqual(len(waiting["alternatives"]), 1)
        self.client.patch(path(cpus), {"resources": {"cpu": 6}})
        self.wait_for(lambda: self.look(waiting)["state"] == "partial")
        granted = self.look(waiting)
        self.assertEqual((granted["alternative"], granted["resources"]["cpu"]["amount"]), (0, 2))
        self.client.delete(path(gpus))
