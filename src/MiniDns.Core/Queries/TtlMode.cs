namespace MiniDns.Queries;

/// <summary>What happens to the TTLs of a wire image when it is sent.</summary>
public enum TtlMode : byte
{
    /// <summary>They stay.</summary>
    Keep,

    /// <summary>A number of seconds is taken off each, down to zero.</summary>
    Subtract,

    /// <summary>Each becomes a given number of seconds.</summary>
    Replace,
}
