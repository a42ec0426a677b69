namespace MiniDns.Plugins.Autopath;

/// <summary>Where a walk along a search path stands.</summary>
internal struct AutopathWalk(int headLength, bool isSure)
{
    /// <summary>The octets of the name in front of the search path's elements.</summary>
    public readonly int HeadLength => headLength;

    /// <summary>True when it is certain that the client is at the first step of its path.</summary>
    public readonly bool IsSure => isSure;

    /// <summary>The element being tried; -1 for the first one, the asked name itself.</summary>
    public int Element { get; private set; } = -1;

    /// <summary>True when the other address family is asked about.</summary>
    public bool AsksOther { get; private set; }

    /// <summary>True when the name exists and has nothing of the asked type.</summary>
    public bool HasNoData { get; private set; }

    /// <summary>What is to be found out before the name as it is may be the answer.</summary>
    public AutopathDoubt Doubt { get; private set; } = isSure ? AutopathDoubt.None : AutopathDoubt.TopLevel;

    /// <summary>The alias's longest time to live, in seconds.</summary>
    public uint TtlLimit { get; private set; } = uint.MaxValue;

    /// <summary>Notes for how long something that the walk rests on may be kept, in seconds.</summary>
    public void LimitTtl(uint ttl) => TtlLimit = Math.Min(TtlLimit, ttl);

    /// <summary>Goes on to another doubt.</summary>
    public void SetDoubt(AutopathDoubt doubt) => Doubt = doubt;

    /// <summary>Goes on to the other address family.</summary>
    /// <param name="hasNoData">True when the name has nothing of the asked one; false when that one was denied.</param>
    public void AskOther(bool hasNoData)
    {
        AsksOther = true;
        HasNoData = hasNoData;
    }

    /// <summary>Goes on to the next element.</summary>
    public void NextElement()
    {
        Element++;
        AsksOther = false;
        HasNoData = false;
    }
}
