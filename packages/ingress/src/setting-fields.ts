/** Kinds of fields that many settings of a node have, and the units of their values. */
import { z } from "zod";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;

export const milliseconds = (fallback: number, max: number, description: string) =>
  z.number().int().min(1).max(max).default(fallback).describe(description);
export const count = (fallback: number, max: number, description: string) =>
  z.number().int().min(1).max(max).default(fallback).describe(description);
export const port = (fallback: number, description: string) =>
  z.number().int().min(0).max(65_535).default(fallback).describe(description);
