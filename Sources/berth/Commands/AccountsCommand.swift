internal import ArgumentParser
internal import BerthJSON

/// `berth accounts`: who has what, and had, and what policies make of it.
struct AccountsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Show who goes first of those who wait, and what users, groups and workflows have.",
        discussion: """
            Your own account and your group's; an admin sees all. SHARE is the largest share that what is held is of what \
            the host has, AVERAGE its mean in the past, of which the older counts the less.

            EXAMPLES
              berth accounts
              berth accounts --quotas      what each may have, and how much of that it has
              berth accounts --json | jq '.accounts[] | {user, share}'
            """)

    @Flag(help: "Show the quotas of each account.")
    var quotas = false

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .get, "/v1/accounts", within: AgentConnection.readingTime)
        if agent.json {
            Terminal.print(answer.pretty + "\n")
            return
        }
        let accounts = answer["accounts"]?.elements ?? []
        Terminal.print(AccountText.policies(answer) + AccountText.table(accounts))
        if quotas { Terminal.print("\n" + AccountText.quotas(accounts)) }
    }
}
