using MiniDns.Queries;

namespace MiniDns.Plugins.Blocklist;

/// <summary>What holds for the clients of some networks.</summary>
/// <param name="Name">The group's name; empty for the clients that are in none.</param>
/// <param name="Lists">The bits of the lists that count.</param>
/// <param name="Answer">The answer for a blocked name.</param>
/// <param name="ErrorCode">The extended error that goes with it (RFC 8914); null for none.</param>
internal sealed record BlockGroup(string Name, uint Lists, BlockAnswer Answer, ushort? ErrorCode)
{
    /// <summary>Every bit that blocks.</summary>
    public const uint BlockBits = 0x55555555;

    /// <summary>The networks.</summary>
    public IReadOnlyList<ClientNetwork> Networks { get; init; } = [];
}
