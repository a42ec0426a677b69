namespace MiniDns.Plugins.Template.Engine;

/// <summary>What a value of a template is.</summary>
internal enum TemplateKind : byte
{
    /// <summary>What a map gives for a key that it does not have; printed as <c>&lt;no value&gt;</c>.</summary>
    Missing,

    /// <summary>Nothing.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A signed whole number.</summary>
    Int,

    /// <summary>A whole number that is not negative, such as <c>parseInt</c> gives.</summary>
    Uint,

    /// <summary>A number with a fraction.</summary>
    Float,

    /// <summary>Text.</summary>
    String,

    /// <summary>Values by their place.</summary>
    List,

    /// <summary>Values by name.</summary>
    Map,

    /// <summary>Something with fields.</summary>
    Object,
}
