"""What the command line says where something is wrong: in its own words, options and arguments, not members of a document."""
from kit.case import AgentCase
from kit.command import berth


class CommandLine(AgentCase):
    def refused(self, status, *arguments):
        done = berth(self.agent, *arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertTrue(done.stderr.startswith("berth: "), done.stderr)
        return done.stderr.removeprefix("berth: ")

    def test_what_is_wrong_is_told_by_the_option_that_says_it(self):
        one = self.granted({"cpu": 1}, lease="1h")["id"]
        for arguments, words in (
            (["reserve", "--resource", "acme.example/seat=1"], "--resource acme.example/seat: no plugin provides"),
            (["reserve", "--resource", "acme.example/seat=x"], '--resource acme.example/seat is "x", not'),
            (["reserve", "--cpu", "1", "--label", "a/b=1"], "--label a/b is no key"),
            (["reserve", "--memory", "1GiB", "--swap", "x"], '--swap is "x"'),
            (["reserve", "--cpu", "1", "--wait", "1s", "--gang", "train:1"], "--gang size is 1, not"),
            (["release", "--grace", "x", one], '--grace: "x" is not'),
            (["list", "--state", "x"], '--state: "x" is no state'),
            (["pools", "--set", "ci", "--guaranteed", "cpu=x"], '--guaranteed cpu is "x", not'),
            (["pools", "--set", "ci", "--give-back", "end"], "--give-back makes no sense with the kind"),
            (["barrier", "arrive", "meet", "--reservation", one, "--size", "1"], "--size is 1, not"),
            (["barrier", "arrive", "meet", "--reservation", "x", "--size", "2"], "--reservation is no"),
            (["barrier", "arrive", "meet", "--reservation", one, "--size", "2", "--wait", "x"], '--wait: "x" is not'),
        ):
            self.assertTrue(self.refused(1, *arguments).startswith(words), (arguments, self.refused(1, *arguments)))

    def test_a_time_that_is_none_is_told_what_is_one(self):
        one = self.granted({"cpu": 1}, lease="1h")["id"]
        arriving = ["barrier", "arrive", "meet", "--reservation", one, "--size", "2", "--wait"]
        for arguments, option in (
            (["reserve", "--cpu", "1", "--lease"], "--lease"), (["reserve", "--cpu", "1", "--wait"], "--wait"),
            (["renew", one, "--lease"], "--lease"), (["release", one, "--grace"], "--grace"), (arriving, "--wait"),
        ):
            words = self.refused(1, *arguments, "1.5h")
            self.assertTrue(words.startswith(option) and '"1.5h"' in words and "whole numbers" in words, words)
        self.assertIn("0s to 1h", self.refused(1, *arriving, "2h"))
        self.assertIn("up to 1h", berth(self.agent, "barrier", "arrive", "--help").stdout)

    def test_what_to_do_is_told_in_options(self):
        one = self.granted({"cpu": 1}, lease="1h")["id"]
        barrier = self.refused(1, "barrier", "arrive", "meet", "--reservation", one)
        self.assertIn("say --size 4 with the first arrival", barrier)
        self.assertNotIn("berth list", barrier + self.refused(1, "barrier", "show", "meet"))
        self.assertIn("leave out --enforce", self.refused(1, "reserve", "--cpu", "1", "--enforce"))
        berth(self.agent, "pools", "--set", "ci")
        berth(self.agent, "move", one, "ci")
        self.assertIn("say --drain", self.refused(1, "pools", "--remove", "ci"))

    def test_a_move_tells_of_the_pool_and_of_no_option(self):
        one = self.granted({"cpu": 1}, lease="1h")["id"]
        self.assertEqual(
            self.refused(1, "move", one, "nowhere"), "there is no pool nowhere that takes anybody\n       see `berth pools`\n")
        self.assertTrue(self.refused(1, "move", one, "a/b").startswith('the pool is "a/b", no name of a pool\n'))

    def test_a_gang_without_a_time_to_wait_is_refused_by_the_option(self):
        for status, arguments in ((2, ["reserve", "--cpu", "1"]), (2, ["explain", "--cpu", "1"]), (125, ["run", "--cpu", "1"])):
            self.assertTrue(self.refused(status, *arguments, "--gang", "train:2", *self.program(arguments)).startswith(
                "--gang wants --wait as well"))

    def program(self, arguments):
        return ["--socket", self.agent.socket, "--", "true"] if arguments[0] == "run" else []

    def test_what_is_queued_again_cannot_be_what_berth_run_becomes(self):
        words = self.refused(125, "run", "--cpu", "1", "--requeue", "--", "true")
        self.assertIn("berth reserve --requeue", words)
        self.assertNotIn('"', words)
        self.assertEqual(self.live(), [])

    def test_names_are_told_as_they_were_typed(self):
        for arguments in (
            ["show"], ["barrier", "show"], ["plugin", "reload"], ["barrier", "arrive", "--reservation", "0" * 12]
        ):
            for name in ("a/b", "ä b", "100%", "a+b"):
                self.assertIn(f'"{name}"', self.refused(1, *arguments, name))
