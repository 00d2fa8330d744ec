import Testing

@testable import BerthServer

@Suite("Progress with requests") struct RequestProgressTests {
    enum Step {
        case bytes, head, end, answer
    }

    @Test(
        "says what is to come next",
        arguments: [
            ([], .request), ([.bytes], .head), ([.bytes, .bytes], .head), ([.bytes, .head], .body),
            ([.bytes, .head, .bytes], .body), ([.bytes, .head, .end], .answer),
            ([.bytes, .head, .end, .answer], .request),
            // The next request may come as slowly as it likes while an answer is owed, and not after it.
            ([.bytes, .head, .end, .bytes], .answer), ([.bytes, .head, .end, .bytes, .answer], .head),
            ([.bytes, .head, .end, .bytes, .head], .answer), ([.bytes, .head, .end, .bytes, .head, .answer], .body),
            ([.bytes, .head, .end, .head, .end, .answer], .answer),
            // An answer may come before the body is read.
            ([.bytes, .head, .answer], .body), ([.bytes, .head, .answer, .end], .request),
        ] as [([Step], RequestProgress.Awaited)])
    func awaited(steps: [Step], awaited: RequestProgress.Awaited) {
        var progress = RequestProgress()
        for step in steps {
            switch step {
            case .bytes: progress.noteBytes()
            case .head: progress.noteHead()
            case .end: progress.noteEnd()
            case .answer: progress.noteAnswer()
            }
        }
        #expect(progress.awaited == awaited)
    }
}
