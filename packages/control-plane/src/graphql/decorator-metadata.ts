/** Loads what type-graphql's decorators demand before the first of them runs; see docs/adr/0311-name-the-types-of-graphql-fields.md. */
import "reflect-metadata";
