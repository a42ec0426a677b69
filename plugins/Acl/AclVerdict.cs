namespace MiniDns.Plugins.Acl;

/// <summary>What the rules say about one question of one client.</summary>
/// <param name="Action">What happens to it.</param>
/// <param name="Zone">The zone whose rule said so; null when none did.</param>
/// <param name="DependsOnClient">True when another client might hear something else.</param>
internal readonly record struct AclVerdict(AclAction Action, AclZone? Zone, bool DependsOnClient);
