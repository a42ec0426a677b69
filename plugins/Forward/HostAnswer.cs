using System.Net;

namespace MiniDns.Plugins.Forward;

/// <summary>What was found out about a host.</summary>
/// <param name="Addresses">Its addresses; none when nobody knows them.</param>
/// <param name="Life">How long they hold.</param>
/// <param name="Problem">Why there are none.</param>
internal sealed record HostAnswer(IReadOnlyList<IPAddress> Addresses, TimeSpan Life, string Problem);
