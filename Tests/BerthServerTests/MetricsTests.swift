import BerthAgent
import BerthJSON
import Foundation
import Testing

@testable import BerthServer

@Suite("Metrics") struct MetricsTests {
    @Test("labels are escaped as the format asks")
    func labels() {
        var text = MetricsText()
        text.family("a_b", .gauge, "Help.")
        text.sample("1", [("l", "a\\b\"c\nd")])
        #expect(text.text == "# HELP a_b Help.\n# TYPE a_b gauge\na_b{l=\"a\\\\b\\\"c\\nd\"} 1\n")
    }

    @Test(
        "times go into the first bucket that holds them",
        arguments: [
            (.zero, 0), (.microseconds(100), 0), (.microseconds(101), 1), (.seconds(10), 2), (.seconds(11), 3),
        ] as [(Duration, Int)])
    func buckets(time: Duration, bucket: Int) {
        var times = TimeHistogram([100, 2500, 10_000_000])
        times.add(time)
        #expect(times.counts.firstIndex(of: 1) == bucket)
    }

    @Test("a client cannot make more rows by methods of its own")
    func methods() async throws {
        try await TestServer.run { server in
            for method in ["LINK", "TRACE", "QUERY", "MKCOL"] {
                _ = try TestClient(server.path).call(method, "/v1/health")
            }
            let text = try TestClient(server.path).call("GET", "/metrics").text
            #expect(text.contains(#"{route="/v1/health",method="other",code="405"} 4"#))
        }
    }

    @Test("tell of requests, resources, events and connections")
    func scrape() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1.5}}"#)
            _ = try client.call("GET", "/nowhere")
            let reply = try client.call("GET", "/metrics")
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"berth_build_info{version="1.2.3"} 1"#,
                #"berth_http_requests_total{route="/v1/reservations",method="POST",code="201"} 1"#,
                #"berth_http_requests_total{route="none",method="GET",code="404"} 1"#,
                #"berth_http_request_duration_seconds_count{route="/v1/reservations"} 1"#,
                #"berth_http_request_duration_seconds_bucket{route="/v1/reservations",le="+Inf"} 1"#,
                #"berth_decision_duration_seconds_count{decision="reserve"} 1"#,
                #"berth_decision_duration_seconds_bucket{decision="admit",le="+Inf"} 0"#,
                #"berth_resource_capacity{type="cpu",unit="cpus"} 8"#,
                #"berth_resource_held{type="cpu",unit="cpus"} 1.5"#,
                #"berth_resource_free{type="cpu",unit="cpus"} 6.5"#, #"berth_reservations{state="confirmed"} 1"#,
                "berth_reservations_promised 0",
                "berth_events_total 4", "berth_connections 1", "berth_event_streams 0",
            ] {
                #expect(reply.text.contains("\n\(line)\n"), "\(line)")
            }
        }
    }

    @Test("every family has help, a type and its samples together, and every sample is a number")
    func format() async throws {
        try await TestServer.run { server in
            let text = try TestClient(server.path).call("GET", "/metrics").text
            var families: Set<Substring> = []
            var family: Substring = ""
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") {
                    family = words[2]
                    #expect(families.insert(family).inserted)
                } else if line.hasPrefix("# TYPE ") {
                    #expect(words[2] == family)
                } else {
                    #expect(line.hasPrefix(family))
                    #expect(Double(words.last ?? "") != nil)
                }
            }
        }
    }
}
