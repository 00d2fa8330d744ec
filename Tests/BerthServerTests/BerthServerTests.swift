import BerthAgent
import BerthJSON
import BerthKernel
import BerthModel
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import BerthServer

@Suite("The server's life") struct BerthServerTests {
    @Test("the socket has its mode, and is gone after the end")
    func socket() async throws {
        let path = NSTemporaryDirectory() + "berth-mode-\(UUID().uuidString.prefix(8))"
        let server = try await TestServer(socket: ListeningSocket(path: path, mode: 0o660, group: getgid()))
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
        try await server.stop()
        #expect(lstat(path, &status) != 0)
    }

    @Test("at the end what is begun is answered, what is idle is closed, and no one new gets in")
    func graceful() async throws {
        let server = try await TestServer()
        try await ThreadExecutor.run {
            server.enforcer.orders.withLock { $0.enforceTime = .milliseconds(500) }
            let busy = try TestClient(server.path)
            let body = #"{"resources":{"cpu":1}}"#
            busy.send("POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body)
            let idle = try TestClient(server.path)
            _ = try idle.call("GET", "/v1/health")
            let stream = try TestClient(server.path)
            stream.send("GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")
            _ = try stream.head()
            let stopping = Task { try await server.stop() }
            #expect(idle.waitForEnd())
            #expect(try stream.read(until: "\r\n0\r\n\r\n").isEmpty == false)
            #expect(stream.waitForEnd())
            #expect(throws: TestClient.Failure.self) { try TestClient(server.path) }
            let reply = try busy.reply()
            #expect(reply.status == 201)
            #expect(reply.headers["connection"] == "close")
            #expect(busy.waitForEnd())
            try await stopping.value
        }
    }

    @Test("what takes too long is cut off at the end, and the agent still finishes it")
    func deadline() async throws {
        var limits = Limits()
        limits.shutdownTime = .milliseconds(200)
        let server = try await TestServer(limits: limits)
        try await ThreadExecutor.run {
            server.enforcer.orders.withLock { $0.enforceTime = .milliseconds(2500) }
            let busy = try TestClient(server.path)
            let body = #"{"resources":{"cpu":1}}"#
            busy.send("POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body)
            usleep(200_000)
            let began = ContinuousClock.now
            try await server.stop()
            #expect(ContinuousClock.now - began < .milliseconds(2000))
            #expect(busy.waitForEnd())
            #expect(server.ledger.contents.withLock { $0.events.last?.name } == "granted")
            usleep(2_000_000)
            #expect(server.ledger.contents.withLock { $0.events.last?.name } == "enforced")
        }
    }

    @Test("a socket that is handed over is served")
    func activation() async throws {
        let path = NSTemporaryDirectory() + "berth-activation-\(UUID().uuidString.prefix(8))"
        let made = try ListeningSocket(path: path)
        let server = try await TestServer(socket: ListeningSocket(handedOver: made.number))
        try await ThreadExecutor.run {
            let reply = try TestClient(path).call("GET", "/v1/health")
            #expect(reply.status == 200)
        }
        try await server.stop()
        // The file is not the server's to remove.
        var status = stat()
        #expect(lstat(path, &status) == 0)
        unlink(path)
    }
}
