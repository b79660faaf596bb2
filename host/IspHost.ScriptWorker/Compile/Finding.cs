namespace IspHost.ScriptWorker.Compile;

/// <summary>Why a source is refused, and where: lines and columns count from 1.</summary>
readonly record struct Finding(string Code, int Line, int Column, string Text) : IComparable<Finding>
{
    public int CompareTo(Finding other) => (Line, Column).CompareTo((other.Line, other.Column));
}

/// <summary>The rules' codes.</summary>
static class Codes
{
    public const string Api = "SBX100", Unsafe = "SBX110", Extern = "SBX111", Dynamic = "SBX112", Await = "SBX113", Directive = "SBX114",
        Attribute = "SBX115", StaticState = "SBX116", Finalizer = "SBX117", Inheritance = "SBX118", Jump = "SBX119", Syntax = "SBX120",
        Downcast = "SBX121", Growing = "SBX122", Characters = "SBX123", Size = "SBX124", Constant = "SBX125", Format = "SBX126",
        Result = "SBX127", Undetermined = "SBX130", HostWrite = "SBX140";
}
