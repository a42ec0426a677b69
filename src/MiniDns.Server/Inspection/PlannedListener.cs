using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Server.Inspection;

/// <summary>One address of a plan, where DNS is served.</summary>
/// <param name="Scheme">How: <c>dns</c> over UDP and TCP, <c>tls</c> and <c>https</c> over TCP.</param>
/// <param name="Address">The address; the unspecified one stands for all of the machine.</param>
/// <param name="Zones">The zones that are served there.</param>
/// <param name="Sockets">How many UDP sockets share it; of no meaning without UDP.</param>
/// <param name="Span">Where the Corefile asks for it.</param>
public sealed record PlannedListener(ServerScheme Scheme, IPEndPoint Address, IReadOnlyList<string> Zones, int Sockets, SourceSpan Span);
