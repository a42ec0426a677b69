namespace MiniDns.Plugins.Kubernetes;

/// <summary>What names of pods get (<c>pods</c>).</summary>
internal enum PodMode
{
    /// <summary>No such names.</summary>
    Disabled,

    /// <summary>The address that the name spells, whoever has it.</summary>
    Insecure,

    /// <summary>The address that the name spells, if a pod of the namespace has it.</summary>
    Verified,
}
