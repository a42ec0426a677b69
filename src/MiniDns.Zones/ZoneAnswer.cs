namespace MiniDns.Zones;

/// <summary>What a lookup came to; its records went into the sink.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Aliases">How many aliases were followed; the answer section then starts with them.</param>
/// <param name="IsEmptyName">True when the name exists only because others exist below it (RFC 4592 §2.2.2).</param>
/// <param name="TargetLength">For <see cref="ZoneOutcome.Leaves"/>, the length of the name that is to be looked up elsewhere; for a chain of aliases whose
/// last name is missing or delegated here, the length of that name, which another zone may have.</param>
/// <param name="IsCircle">True when the aliases come back to a name of the chain.</param>
public readonly record struct ZoneAnswer(ZoneOutcome Outcome, int Aliases = 0, bool IsEmptyName = false, int TargetLength = 0, bool IsCircle = false)
{
    /// <summary>True when the answer section has nothing authoritative: a referral without aliases before it.</summary>
    public bool IsPureReferral => Outcome == ZoneOutcome.Delegation && Aliases == 0;
}
