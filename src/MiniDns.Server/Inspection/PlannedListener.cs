using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Server.Inspection;

/// <summary>One address of a plan, where DNS is served over UDP and TCP.</summary>
/// <param name="Address">The address; the unspecified one stands for all of the machine.</param>
/// <param name="Zones">The zones that are served there.</param>
/// <param name="Sockets">How many UDP sockets share it.</param>
/// <param name="Span">Where the Corefile asks for it.</param>
public sealed record PlannedListener(IPEndPoint Address, IReadOnlyList<string> Zones, int Sockets, SourceSpan Span);
