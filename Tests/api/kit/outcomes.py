"""Runs the tests of one module and prints a line for each: "ok  NAME" or "FAIL NAME" with what went wrong."""
import sys
import unittest


class Outcomes(unittest.TestResult):
    """Says how each test went as soon as it has."""

    def startTest(self, test):
        super().startTest(test)
        self.troubles = []

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.troubles.append(f"{subtest._subDescription()}\n{self._exc_info_to_string(error, test)}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, error)

    def note(self, test, error):
        text = self._exc_info_to_string(error, test)
        if isinstance(test, unittest.TestCase):
            self.troubles.append(text)
        else:
            # What is set up for all tests of a class.
            self.say("FAIL", str(test), text)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.troubles = None
        print(f"not run: {reason}", flush=True)

    def stopTest(self, test):
        super().stopTest(test)
        if self.troubles is not None:
            name = f"{type(test).__name__}.{test._testMethodName}"
            self.say("FAIL" if self.troubles else "ok ", name, "\n".join(self.troubles))

    def say(self, word, name, text):
        print(f"{word} {name}", flush=True)
        for line in text.splitlines():
            print(f"     {line}", flush=True)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
    result = Outcomes()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
